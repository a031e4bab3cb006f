from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("petitions", "0015_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name='petition',
            name='language_needed',
            field=models.CharField(blank=True, choices=[('csl', 'sign language'), ('yue', 'Cantonese'), ('nan', 'Southern Min'), ('wuu', 'Wu'), ('mvf', 'Mongolian'), ('bod', 'Tibetan'), ('uig', 'Uyghur'), ('kor', 'Korean'), ('eng', 'English (spoken)')], max_length=3, verbose_name='language needed'),
        ),
    ]
