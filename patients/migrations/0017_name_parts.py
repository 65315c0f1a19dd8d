"""An index of the trigrams of names, so that a part of a name is found among a million. Nobody waits while it is built."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import CharField, Expression, F, Func, Value
from django.db.models.functions import Concat, Lower

_APOSTROPHES = "['’‘ʼʻ`´]"
_SEPARATORS = r'[\s.,/\-‐‑–]+'


def _replaced(within: Expression, pattern: str, to: str, **options: Any) -> Func:
    return Func(within, Value(pattern), Value(to), Value('g'), function='regexp_replace', **options)


def _name_parts() -> Func:
    """The expression as it is at this migration: the name in small letters without accents, and its key."""
    text: dict[str, Any] = {'output_field': CharField()}
    whole = Concat(F('given_name'), Value(' '), F('family_name'), Value(' '), **text)
    both = Concat(_replaced(whole, _APOSTROPHES, ''), _replaced(whole, _APOSTROPHES, ' '), **text)
    spaced = _replaced(both, _SEPARATORS, ' ', **text)
    unmarked = _replaced(Func(spaced, template='normalize(%(expressions)s, NFKD)'), '[\u0300-\u036f]', '')
    latin = Func(Lower(unmarked), Value('øłđðıħŧ'), Value('olddiht'), function='translate')
    plain = Func(latin, Value('ß'), Value('ss'), function='replace', **text)
    return Concat(Value(' '), plain, Value(' '), F('name_key'), **text)


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('patients', '0016_practice_hours'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS patient_name_parts', migrations.RunSQL.noop),
        AddIndexConcurrently(
            'patient', GinIndex(OpClass(_name_parts(), name='gin_trgm_ops'), name='patient_name_parts'),
        ),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
