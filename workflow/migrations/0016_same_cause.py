import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agents.encryption


class Migration(migrations.Migration):

    dependencies = [
        ("workflow", "0015_errands_and_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SameCauseGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", agents.encryption.EncryptedTextField(verbose_name="name")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="made by")),
            ],
            options={
                "verbose_name": "same-cause group",
                "verbose_name_plural": "same-cause groups",
                "ordering": ["-id"],
            },
        ),
    ]
