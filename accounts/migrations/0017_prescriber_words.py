"""An index of the trigrams of prescribers' names, as `plain_words` has them. Nobody waits while it is built."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import CharField, Expression, F, Func, Q, Value
from django.db.models.functions import Concat, Lower


def _replaced(within: Expression, pattern: str, to: str, **options: Any) -> Func:
    return Func(within, Value(pattern), Value(to), Value('g'), function='regexp_replace', **options)


def _words(*columns: str) -> Func:
    """The expression as it is at this migration: the words in small letters without accents, each after a space."""
    text: dict[str, Any] = {'output_field': CharField()}
    whole = Concat(*(part for column in columns for part in (F(column), Value(' '))), **text)
    both = Concat(*(_replaced(whole, "['’‘ʼʻ`´]", to) for to in ('', ' ')), **text)
    spaced = _replaced(both, r'[\s.,/\-‐‑–]+', ' ', **text)
    unmarked = _replaced(Func(spaced, template='normalize(%(expressions)s, NFKD)'), '[\u0300-\u036f]', '')
    latin = Func(Lower(unmarked), Value('øłđðıħŧ'), Value('olddiht'), function='translate')
    return Concat(Value(' '), Func(latin, Value('ß'), Value('ss'), function='replace', **text), **text)


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('accounts', '0016_survey_offer'),
        # It adds the extension of trigrams.
        ('patients', '0007_names_alike'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS user_prescriber_words', migrations.RunSQL.noop),
        AddIndexConcurrently(
            'user',
            GinIndex(
                OpClass(_words('name'), name='gin_trgm_ops'), condition=Q(('opened_as', 'prescriber')),
                name='user_prescriber_words',
            ),
        ),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
