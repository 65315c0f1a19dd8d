"""Tables get the names that one would search for. Rows, triggers and rights stay as they are."""

from django.db import migrations

from ledger.table_names import RenameConstraint, follow_table, rename_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0007_canonical_form_validated'),
    ]

    operations = [
        migrations.RenameModel('Read', 'AccessEvent'),
        migrations.RenameIndex('accessevent', new_name='ledger_acce_subject_d9d72a_idx', old_name='ledger_read_subject_8b0037_idx'),
        follow_table('ledger_read', 'ledger_accessevent'),
        rename_triggers('ledger_accessevent', {
            'read_add_only': 'access_event_add_only',
            'read_no_truncate': 'access_event_no_truncate',
        }),
        migrations.RenameModel('Attempt', 'LoggedRequest'),
        migrations.RenameIndex('loggedrequest', new_name='ledger_logg_subject_346605_idx', old_name='ledger_atte_subject_44ec3e_idx'),
        migrations.RenameIndex('loggedrequest', new_name='ledger_logg_at_dbacad_idx', old_name='ledger_atte_at_8da618_idx'),
        follow_table('ledger_attempt', 'ledger_loggedrequest'),
        RenameConstraint('loggedrequest', 'attempt_key_once', 'request_key_once'),
        rename_triggers('ledger_loggedrequest', {
            'attempt_add_only': 'logged_request_add_only',
            'attempt_no_truncate': 'logged_request_no_truncate',
        }),
        migrations.RenameModel('Sealed', 'ErasableText'),
        migrations.RenameIndex('erasabletext', new_name='ledger_eras_subject_c11fb1_idx', old_name='ledger_seal_subject_8c64e2_idx'),
        follow_table('ledger_sealed', 'ledger_erasabletext'),
        RenameConstraint('erasabletext', 'sealed_salt_of_16_bytes', 'erasable_text_salt_of_16_bytes'),
        rename_triggers('ledger_erasabletext', {'sealed_never_changed': 'erasable_text_never_changed'}),
    ]
