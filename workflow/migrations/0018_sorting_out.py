from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("workflow", "0017_terms_of_agency"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('name__in', ['classify', 'dispatch'])), fields=['at'], name='event_sorting_out'),
        ),
    ]
