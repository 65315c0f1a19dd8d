"""An account may hold several places, and never one on each side of a file."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

#: Checked when a place is added, under a lock on the account's places: of two that are added at once, the second one
#: sees the first. `rebuild` defers them while it exchanges rows.
APART = """
CREATE FUNCTION patients_places_apart(account uuid, file uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF account IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('clearfill.places:' || account));
    IF EXISTS (SELECT FROM accounts_user WHERE id = account AND opened_as = 'officer') THEN
      RAISE EXCEPTION 'place_officer_alone: an officer holds no other place'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'place_officer_alone';
    END IF;
    IF EXISTS (SELECT FROM patients_guardian g JOIN patients_patient p ON p.id = g.patient_id
               WHERE g.user_id = account AND p.user_id = account) THEN
      RAISE EXCEPTION 'place_patient_or_guardian: nobody is patient and guardian of one file'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'place_patient_or_guardian';
    END IF;
  END IF;
  IF file IS NOT NULL AND EXISTS (
      SELECT FROM patients_patient p JOIN patients_prescriber d ON d.id = p.prescriber_id
      WHERE p.id = file AND (d.user_id = p.user_id OR EXISTS (
          SELECT FROM patients_guardian g WHERE g.patient_id = p.id AND g.user_id = d.user_id))) THEN
    RAISE EXCEPTION 'place_prescriber_of_others: nobody is their own prescriber, or that of whom they stand beside'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'place_prescriber_of_others';
  END IF;
END $$;
CREATE FUNCTION patients_place_of_staff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM patients_places_apart(NEW.user_id, NULL);
  RETURN NULL;
END $$;
CREATE FUNCTION patients_place_of_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM patients_places_apart(NEW.user_id, NEW.id);
  RETURN NULL;
END $$;
CREATE FUNCTION patients_place_of_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM patients_places_apart(NEW.user_id, NEW.patient_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER prescriber_place AFTER INSERT OR UPDATE OF user_id ON patients_prescriber
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION patients_place_of_staff();
CREATE CONSTRAINT TRIGGER designee_place AFTER INSERT OR UPDATE OF user_id ON patients_designee
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION patients_place_of_staff();
CREATE CONSTRAINT TRIGGER pharmacist_place AFTER INSERT OR UPDATE OF user_id ON patients_pharmacist
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION patients_place_of_staff();
CREATE CONSTRAINT TRIGGER patient_place AFTER INSERT OR UPDATE OF user_id, prescriber_id ON patients_patient
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION patients_place_of_patient();
CREATE CONSTRAINT TRIGGER guardian_place AFTER INSERT OR UPDATE OF user_id, patient_id ON patients_guardian
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION patients_place_of_guardian();
"""
TOGETHER = """
DROP TRIGGER prescriber_place ON patients_prescriber;
DROP TRIGGER designee_place ON patients_designee;
DROP TRIGGER pharmacist_place ON patients_pharmacist;
DROP TRIGGER patient_place ON patients_patient;
DROP TRIGGER guardian_place ON patients_guardian;
DROP FUNCTION patients_place_of_staff();
DROP FUNCTION patients_place_of_patient();
DROP FUNCTION patients_place_of_guardian();
DROP FUNCTION patients_places_apart(uuid, uuid);
"""


def _place(related_name: str, *, null: bool = False) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name=related_name,
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('accounts', '0009_places'),
        ('patients', '0009_one_name'),
    ]

    operations = [
        migrations.AlterField(model_name='designee', name='user', field=_place('designees')),
        migrations.AlterField(model_name='pharmacist', name='user', field=_place('pharmacists')),
        migrations.AlterField(model_name='patient', name='user', field=_place('patients', null=True)),
        migrations.AddField(model_name='designee', name='ended_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='pharmacist', name='ended_at', field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name='designee',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'prescriber'), name='designee_once_a_practice'),
        ),
        migrations.AddConstraint(
            model_name='pharmacist',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'pharmacy'), name='pharmacist_once_a_pharmacy'),
        ),
        migrations.RunSQL(APART, TOGETHER),
    ]
