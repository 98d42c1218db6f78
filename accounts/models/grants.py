"""Who may be what, where (role cascade), and the invitations that bring people in."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.people import User
from accounts.models.units import LEVELS, OrgUnit
from accounts.roles import Duty, GrantState, Role
from kernel.audit.triggers import history
from kernel.ids import UuidV7
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
    # On what ground: the order of appointment, «№ 203-к від 13.10.2026».
    ground = models.TextField(blank=True, default="")
    state = models.TextField(choices=GrantState.choices, default=GrantState.INVITED)
    # None for the first technical administrator, whom the installation creates, and for whoever
    # opened an operator's cabinet by its key.
    given_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="given")
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")
    # Of an acting head (в. о.): the last day of the order. The database ends nothing by it: a school
    # without a head signs nothing, so the authority is told that the day has passed.
    acting_until = models.DateField(null=True)

    # Of whom and where, repeated from the person and the node so that a page of people costs the
    # same for a school and for the country; kept right by the database.
    sort_key = models.TextField(db_collation="C", editable=False, default="")
    oblast_id = models.IntegerField(null=True, editable=False)
    raion_id = models.IntegerField(null=True, editable=False)
    hromada_id = models.IntegerField(null=True, editable=False)
    district_id = models.IntegerField(null=True, editable=False)

    SCOPE = {
        "oblast": "oblast_id",
        "raion": "raion_id",
        "hromada": "hromada_id",
        "district": "district_id",
        "institution": "unit_id",
    }
    KIND = "unit__institution__type"

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
        indexes = [
            models.Index(fields=["given_by"], name="grant_by_giver"),
            models.Index(fields=["sort_key", "id"], name="grant_list"),
            models.Index(fields=["oblast_id", "sort_key", "id"], name="grant_list_oblast"),
            models.Index(fields=["raion_id", "sort_key", "id"], name="grant_list_raion"),
            models.Index(fields=["hromada_id", "sort_key", "id"], name="grant_list_hromada"),
            models.Index(fields=["district_id", "sort_key", "id"], name="grant_list_district"),
        ]
        triggers = [
            *history(unit="unit_id", ignore=LEVELS),
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
                    (
                        "ranks",
                        "text[] := ARRAY['TECH_ADMIN','ANALYST','OBLAST_ADMIN','RAION_ADMIN',"
                        "'HROMADA_ADMIN','DISTRICT_ADMIN','HEAD','DEPUTY','OPERATOR']",
                    ),
                ],
                func="""
                    SELECT * INTO STRICT target FROM accounts_orgunit WHERE id = NEW.unit_id;
                    IF target.kind <> ALL (CASE NEW.role
                        WHEN 'TECH_ADMIN' THEN ARRAY['TECH_ADMIN'] WHEN 'ANALYST' THEN ARRAY['OWNER']
                        WHEN 'OBLAST_ADMIN' THEN ARRAY['OBLAST'] WHEN 'RAION_ADMIN' THEN ARRAY['RAION']
                        WHEN 'HROMADA_ADMIN' THEN ARRAY['HROMADA', 'CITY']
                        WHEN 'DISTRICT_ADMIN' THEN ARRAY['CITY_DISTRICT']
                        WHEN 'OPERATOR' THEN ARRAY['OPERATOR'] ELSE ARRAY['INSTITUTION'] END)
                    THEN
                        RAISE EXCEPTION 'role % is not held at a node of kind %', NEW.role, target.kind
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_role_fits_unit';
                    END IF;
                    IF NEW.given_by_id IS NULL THEN
                        -- An operator opens its own cabinet: no row is within its reach.
                        IF NEW.role NOT IN ('TECH_ADMIN', 'OPERATOR') THEN
                            RAISE EXCEPTION 'only a technical administrator is given by nobody'
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';
                        END IF;
                        RETURN NEW;
                    END IF;
                    SELECT * INTO STRICT giver FROM accounts_grant WHERE id = NEW.given_by_id;
                    SELECT * INTO STRICT giver_unit FROM accounts_orgunit WHERE id = giver.unit_id;
                    -- A head of a hub gives the heads of its branches: equal in role, lower in the tree.
                    IF giver.state <> 'ACTIVE'
                       OR giver.role IN ('ANALYST', 'DEPUTY', 'OPERATOR')
                       OR (array_position(ranks, NEW.role) <= array_position(ranks, giver.role)
                           AND NOT (giver.role = 'HEAD' AND NEW.role = 'HEAD'
                                    AND target.id <> giver_unit.id))
                       OR NOT (giver.role = 'TECH_ADMIN' OR target.path LIKE giver_unit.path || '%')
                    THEN
                        RAISE EXCEPTION 'grant % at % is not below grant %', NEW.role, NEW.unit_id, giver.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_only_downwards';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    SELECT uk_sort_key(concat_ws(' ', surname, given_name, nullif(patronymic, '')))
                        INTO STRICT NEW.sort_key FROM accounts_user WHERE id = NEW.user_id;
                    SELECT oblast_id, raion_id, hromada_id, district_id
                        INTO STRICT NEW.oblast_id, NEW.raion_id, NEW.hromada_id, NEW.district_id
                        FROM accounts_orgunit WHERE id = NEW.unit_id;
                    RETURN NEW;
                """,
            ),
        ]

    @property
    def role_label(self) -> str:
        """The role in the interface's words."""
        return Role(self.role).label


class Invitation(models.Model):
    """A single-use, expiring link that brings a person to their first sign-in (S1 п.4, F092).

    The row is the outbox: a letter is due while `sent_at` is empty and the invitation is open.
    """

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="invitations")
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    email = models.EmailField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="one_open_invitation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(sent_at=None, used_at=None, withdrawn_at=None),
                name="invitation_due",
            ),
        ]
        triggers = [*history()]


class NameMismatch(models.Model):
    """An invited person came with the right codes and another name (handbook B.3).

    Open until the creator takes the certificate's name, or ends the grant.
    """

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="mismatches")
    certificate_name = models.TextField()
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(resolved_at=None), name="one_open_mismatch"
            ),
        ]
        triggers = [*history()]
