"""Tables get the names that one would search for. Rows, triggers and rights stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ledger.table_names import RenameConstraint, follow_column, follow_table, rename_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0003_entered_late'),
        ('ledger', '0008_standard_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel('Standing', 'PatientStatus'),
        migrations.AlterField('patientstatus', 'patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='status', serialize=False, to='patients.patient')),
        migrations.RenameIndex('patientstatus', new_name='compliance__next_du_541c75_idx', old_name='compliance__next_du_401bf6_idx'),
        migrations.RenameIndex('patientstatus', new_name='compliance__stage_0e2c68_idx', old_name='compliance__stage_9f6866_idx'),
        RenameConstraint('patientstatus', 'standing_stage_listed', 'patient_status_stage_listed'),
        follow_table('compliance_standing', 'compliance_patientstatus'),
        migrations.RenameModel('PaperOrder', 'PdfJob'),
        migrations.RenameField('pdfjob', 'tries', 'attempts'),
        follow_column('compliance_pdfjob', 'tries', 'attempts'),
        migrations.RenameField('pdfjob', 'next_try_at', 'next_attempt_at'),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL('ALTER INDEX paper_order_waiting RENAME TO pdf_job_waiting', 'ALTER INDEX pdf_job_waiting RENAME TO paper_order_waiting'),
            ],
            state_operations=[
                migrations.RemoveIndex('pdfjob', 'paper_order_waiting'),
                migrations.AddIndex('pdfjob', models.Index(condition=models.Q(('done_at', None)), fields=['next_attempt_at'], name='pdf_job_waiting')),
            ],
        ),
        RenameConstraint('pdfjob', 'paper_ordered_once', 'pdf_job_once_a_signature'),
        follow_table('compliance_paperorder', 'compliance_pdfjob'),
        migrations.RenameModel('Paper', 'SignedPdf'),
        migrations.AlterField('signedpdf', 'signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signed_pdfs', to=settings.AUTH_USER_MODEL)),
        RenameConstraint('signedpdf', 'paper_once_a_signature', 'signed_pdf_once_a_signature'),
        RenameConstraint('signedpdf', 'paper_hash_is_sha256', 'signed_pdf_hash_is_sha256'),
        follow_table('compliance_paper', 'compliance_signedpdf'),
        rename_triggers('compliance_signedpdf', {'paper_never_changed': 'signed_pdf_never_changed'}),
    ]
