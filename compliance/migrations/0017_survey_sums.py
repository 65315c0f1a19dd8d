"""How the surveys were answered, in sums by month. A sum of a month only ever grows: it is of nobody, and no log has it."""

from django.db import migrations, models

GROWS = """
CREATE FUNCTION survey_sum_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.month, OLD.survey, OLD.version, OLD.question)
        IS DISTINCT FROM (NEW.month, NEW.survey, NEW.version, NEW.question)
        OR NEW.answered < OLD.answered OR NEW."right" < OLD."right" THEN
        RAISE EXCEPTION 'a sum of a survey only grows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_sum_grows BEFORE UPDATE OR DELETE ON compliance_surveysum
    FOR EACH ROW EXECUTE FUNCTION survey_sum_grows();
"""
BACK = "DROP TRIGGER survey_sum_grows ON compliance_surveysum; DROP FUNCTION survey_sum_grows();"


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0016_lists_of_blockers'),
    ]

    operations = [
        migrations.CreateModel(
            name='SurveySum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('survey', models.CharField(max_length=32)),
                ('version', models.PositiveSmallIntegerField()),
                ('question', models.CharField(max_length=32)),
                ('answered', models.PositiveIntegerField()),
                ('right', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('month', 'survey', 'version', 'question'), name='survey_sum_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='survey_sum_first_of_month'), models.CheckConstraint(condition=models.Q(('right__lte', models.F('answered'))), name='survey_sum_right_of_answered')],
            },
        ),
        migrations.RunSQL(GROWS, BACK),
    ]
