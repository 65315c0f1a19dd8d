"""Indexes by which practices and pharmacies are found: the trigrams of their words, and the digits of telephones."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import CharField, Expression, F, Func, Value
from django.db.models.functions import Concat, Lower, Right


def _replaced(within: Expression | F, pattern: str, to: str, **options: Any) -> Func:
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


def _digits() -> Func:
    return Right(_replaced(F('phone'), '[^0-9]', ''), 10)


_NAMES = {'prescriber': 'practice_name', 'pharmacy': 'name'}
_INDEXES = [
    (model, index)
    for model, name in _NAMES.items()
    for index in (
        models.Index(_digits(), name=f'{model}_phone_digits'),
        GinIndex(OpClass(_words(name, 'address'), name='gin_trgm_ops'), name=f'{model}_words'),
    )
]


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('patients', '0017_name_parts'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        *(
            migrations.RunSQL(f'DROP INDEX CONCURRENTLY IF EXISTS {index.name}', migrations.RunSQL.noop)
            for _model, index in _INDEXES
        ),
        *(AddIndexConcurrently(model, index) for model, index in _INDEXES),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
