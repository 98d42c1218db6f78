"""Who may be what, where (role cascade), and the invitations that bring people in."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.people import User
from accounts.models.units import OrgUnit, UuidV7
from accounts.roles import Duty, GrantState, Role
from kernel.audit.triggers import History
from kernel.scoping import ScopedModel


class Grant(ScopedModel):
    """A person's role at one node. Deactivated is never deleted; past signatures stay valid.

    The database refuses a grant given upwards, sideways or by nobody active, and a second head.
    """

    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="grants")
    role = models.TextField(choices=Role.choices)
    duties = ArrayField(models.TextField(choices=Duty.choices), default=list, blank=True)
    position = models.TextField(blank=True, default="")
    state = models.TextField(choices=GrantState.choices, default=GrantState.INVITED)
    # None only for the first technical administrator, whom the installation creates.
    given_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="given")
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")

    SCOPE = {
        "oblast": "unit__oblast_id",
        "raion": "unit__raion_id",
        "hromada": "unit__hromada_id",
        "district": "unit__district_id",
        "institution": "unit_id",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(role=Role.HEAD) & ~Q(state=GrantState.INACTIVE),
                name="one_head_per_institution",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=~Q(state=GrantState.INACTIVE),
                name="one_grant_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state=GrantState.INACTIVE, ended_at__isnull=False)
                | (~Q(state=GrantState.INACTIVE) & Q(ended_at__isnull=True)),
                name="inactive_has_its_end",
            ),
        ]
        indexes = [models.Index(fields=["given_by"], name="grant_by_giver")]
        triggers = [
            History(),
            pgtrigger.Protect(
                name="inactive_is_final",
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(old__state=GrantState.INACTIVE.value),
            ),
            pgtrigger.Trigger(
                name="only_downwards",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("unit_id", "role", "given_by_id"),
                declare=[
                    ("giver", "accounts_grant%ROWTYPE"),
                    ("giver_unit", "accounts_orgunit%ROWTYPE"),
                    ("target", "accounts_orgunit%ROWTYPE"),
                ],
                func="""
                    IF NEW.given_by_id IS NULL THEN
                        IF NEW.role <> 'TECH_ADMIN' THEN
                            RAISE EXCEPTION 'only the first technical administrator is given by nobody'
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';
                        END IF;
                        RETURN NEW;
                    END IF;
                    SELECT * INTO STRICT giver FROM accounts_grant WHERE id = NEW.given_by_id;
                    SELECT * INTO STRICT giver_unit FROM accounts_orgunit WHERE id = giver.unit_id;
                    SELECT * INTO STRICT target FROM accounts_orgunit WHERE id = NEW.unit_id;
                    IF giver.state <> 'ACTIVE'
                       OR array_position(ARRAY['TECH_ADMIN','ANALYST','OBLAST_ADMIN','RAION_ADMIN','HROMADA_ADMIN','DISTRICT_ADMIN','HEAD','DEPUTY'], NEW.role)
                          <= array_position(ARRAY['TECH_ADMIN','ANALYST','OBLAST_ADMIN','RAION_ADMIN','HROMADA_ADMIN','DISTRICT_ADMIN','HEAD','DEPUTY'], giver.role)
                       OR giver.role IN ('ANALYST', 'DEPUTY')
                       OR NOT (giver.role = 'TECH_ADMIN' OR target.path LIKE giver_unit.path || '%')
                    THEN
                        RAISE EXCEPTION 'grant % at % is not below grant %', NEW.role, NEW.unit_id, giver.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    @property
    def role_label(self) -> str:
        """The role in the interface's words."""
        return Role(self.role).label


class Invitation(models.Model):
    """A single-use, expiring link that brings a person to their first sign-in (S1 п.4, F092)."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="invitations")
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    email = models.EmailField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [History()]
