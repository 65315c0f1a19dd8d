"""What an account may do follows from its places; the role in which it was opened stays as what it is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_no_link_in_messages'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='user', name='user_role_listed'),
        migrations.RenameField(model_name='user', old_name='role', new_name='opened_as'),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('opened_as__in', ('prescriber', 'designee', 'patient', 'guardian', 'pharmacist', 'officer'))), name='user_opened_as_listed'),
        ),
    ]
