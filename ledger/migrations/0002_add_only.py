"""PostgreSQL itself refuses to change what stands in the log, and to add what does not follow on."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is add-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER record_add_only BEFORE UPDATE OR DELETE ON ledger_record
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON ledger_record
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER attempt_add_only BEFORE UPDATE OR DELETE ON ledger_attempt
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER attempt_no_truncate BEFORE TRUNCATE ON ledger_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER sealed_never_changed BEFORE UPDATE ON ledger_sealed
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT number, hash, at, subject_kind INTO last FROM ledger_record
        WHERE subject = NEW.subject ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        IF NEW.number <> 1 OR NEW.previous_hash <> '' THEN
            RAISE EXCEPTION 'the first record of a log has number 1 and follows none'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.number = last.number THEN
        RAISE EXCEPTION 'that place in the log is taken' USING ERRCODE = 'unique_violation';
    END IF;
    IF NEW.number <> last.number + 1 OR NEW.previous_hash <> last.hash OR NEW.subject_kind <> last.subject_kind THEN
        RAISE EXCEPTION 'a record follows the last one of its log' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.at < last.at THEN
        RAISE EXCEPTION 'a record is not dated before the last one of its log'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER record_follows BEFORE INSERT ON ledger_record
    FOR EACH ROW EXECUTE FUNCTION ledger_follows();
"""

UNDO = """
DROP TRIGGER record_follows ON ledger_record;
DROP TRIGGER record_add_only ON ledger_record;
DROP TRIGGER record_no_truncate ON ledger_record;
DROP TRIGGER attempt_add_only ON ledger_attempt;
DROP TRIGGER attempt_no_truncate ON ledger_attempt;
DROP TRIGGER sealed_never_changed ON ledger_sealed;
DROP FUNCTION ledger_follows();
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]
