import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agents.encryption
import petitions.models.attachment
import petitions.storage


class Migration(migrations.Migration):

    dependencies = [
        ("petitions", "0020_errands_and_promises"),
        ("workflow", "0016_same_cause"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="petition",
            name="same_cause",
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="workflow.samecausegroup", verbose_name="same-cause group"),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(condition=models.Q(("same_cause__isnull", False)), fields=["same_cause", "due_at", "id"], name="petition_same_cause"),
        ),
        migrations.CreateModel(
            name="GroupAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=40)),
                ("data", agents.encryption.EncryptedTextField()),
                ("language", models.CharField(max_length=10)),
                ("stage", models.CharField(choices=[("DRAFT", "To be confirmed"), ("RUNNING", "Running"), ("DONE", "Done")], default="DRAFT", max_length=8)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="workflow.samecausegroup")),
            ],
            options={
                "verbose_name": "act on a same-cause group",
                "ordering": ["-id"],
                "indexes": [models.Index(condition=models.Q(("stage", "RUNNING")), fields=["id"], name="group_act_running")],
            },
        ),
        migrations.CreateModel(
            name="GroupActRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen", models.PositiveIntegerField()),
                ("outcome", models.CharField(choices=[("WAITING", "To be done"), ("DONE", "Done"), ("REFUSED", "Not done"), ("UNTOUCHED", "Not touched"), ("LEFT", "Left out")], default="WAITING", max_length=9)),
                ("reason", models.TextField(blank=True)),
                ("own", agents.encryption.EncryptedTextField(blank=True)),
                ("message", agents.encryption.EncryptedTextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("act", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="petitions.groupact")),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="petitions.petition")),
            ],
            options={
                "verbose_name": "case of an act on a group",
                "ordering": ["id"],
                "indexes": [models.Index(condition=models.Q(("outcome", "WAITING")), fields=["act", "attempts", "id"], name="group_act_row_waiting")],
                "constraints": [models.UniqueConstraint(fields=("act", "case"), name="group_act_row_once")],
            },
        ),
        migrations.CreateModel(
            name="GroupActFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", agents.encryption.EncryptedTextField(verbose_name="name")),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(storage=petitions.storage.EncryptedStorage(), upload_to=petitions.models.attachment.random_path, verbose_name="file")),
                ("act", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="petitions.groupact")),
            ],
            options={
                "verbose_name": "file of an act on a group",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PolicyText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("number", models.CharField(blank=True, max_length=80, verbose_name="document number")),
                ("issued_by", models.CharField(max_length=120, verbose_name="issued by")),
                ("valid_from", models.DateField(verbose_name="in force from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="in force until")),
                ("text", models.TextField(verbose_name="text")),
                ("file", models.FileField(blank=True, storage=petitions.storage.EncryptedStorage(), upload_to=petitions.models.attachment.random_path, verbose_name="file")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                ("uploaded_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "policy text",
                "verbose_name_plural": "policy texts",
                "ordering": ["-id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"), name="policy_valid_forwards")],
            },
        ),
        migrations.CreateModel(
            name="PolicyWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=20)),
                ("policy", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="words", to="petitions.policytext")),
            ],
            options={
                "verbose_name": "word of a policy text",
                "constraints": [models.UniqueConstraint(fields=("word", "policy"), name="policy_word_once")],
            },
        ),
    ]
