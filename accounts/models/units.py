"""The tree of authorities down to institutions (role cascade, handbook B.1)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Left, Upper

from accounts.roles import UnitKind
from kernel.audit.triggers import append_only, history
from kernel.ids import UuidV7
from kernel.scoping import ScopedModel

# Columns that a trigger keeps from the node's place in the tree: derived, so they make no versions.
LEVELS = ("oblast_id", "raion_id", "hromada_id", "district_id")


class OrgUnit(ScopedModel):
    """One node: the owner at the root, authorities below it, an institution as a leaf or hub.

    The pk is the compact id that scoped rows carry; `uid` is the public one. `path` is the chain
    of compact ids with a closing dot ("1.5.27."), so that "1.5." never matches "1.50.". Path and
    level columns are computed by the database from `parent`.
    """

    id = models.AutoField(primary_key=True)
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.TextField(choices=UnitKind.choices)
    name = models.TextField()
    # Not unique: branches often share the hub's code or have none (handbook C.1, FAQ).
    edrpou = models.CharField(max_length=8, null=True, db_index=True)
    # Code of КАТОТТГ; the classifier itself lives higher, in the register.
    territory_code = models.CharField(max_length=19, null=True)
    is_active = models.BooleanField(default=True)
    path = models.TextField(db_collation="C", editable=False, default="")
    depth = models.SmallIntegerField(editable=False, default=0)
    oblast_id = models.IntegerField(null=True, editable=False)
    raion_id = models.IntegerField(null=True, editable=False)
    hromada_id = models.IntegerField(null=True, editable=False)
    district_id = models.IntegerField(null=True, editable=False)

    SCOPE = {
        "oblast": "oblast_id",
        "raion": "raion_id",
        "hromada": "hromada_id",
        "district": "district_id",
        "institution": "id",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind__in=[UnitKind.OWNER, UnitKind.TECH_ADMIN]),
                name="one_owner_one_tech_admin",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=UnitKind.OWNER)
                | models.Q(parent__isnull=False)
                | models.Q(kind=UnitKind.OPERATOR),
                name="only_the_owner_is_root",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=UnitKind.OPERATOR) | models.Q(parent=None),
                name="operators_stand_beside_the_tree",
            ),
            models.UniqueConstraint(
                fields=["edrpou"],
                condition=models.Q(kind=UnitKind.OPERATOR),
                name="one_operator_of_a_code",
            ),
        ]
        indexes = [
            # Plain: the column's collation is "C", so this one index serves prefixes and ranges.
            models.Index(fields=["path"], name="unit_by_path"),
            models.Index(fields=["raion_id"], name="unit_by_raion"),
            models.Index(fields=["district_id"], name="unit_by_district"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="unit_by_name"),
            models.Index(fields=["oblast_id"], name="unit_by_oblast"),
            models.Index(fields=["hromada_id"], name="unit_by_hromada"),
            # Whose an address is: nine signs of a code name the hromada.
            models.Index(
                Left("territory_code", 9),
                name="unit_by_territory",
                condition=models.Q(
                    kind__in=[
                        UnitKind.HROMADA,
                        UnitKind.CITY,
                        UnitKind.CITY_DISTRICT,
                        UnitKind.OBLAST,
                    ]
                ),
            ),
        ]
        triggers = [
            *history(unit="id", ignore=LEVELS),
            pgtrigger.Trigger(
                name="place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "kind"),
                declare=[("up", "accounts_orgunit%ROWTYPE")],
                func="""
                    IF NEW.parent_id IS NOT NULL THEN
                        SELECT * INTO STRICT up FROM accounts_orgunit WHERE id = NEW.parent_id;
                        IF TG_OP = 'UPDATE' AND up.path LIKE OLD.path || '%' THEN
                            RAISE EXCEPTION 'unit % cannot move below itself', NEW.id
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_not_below_itself';
                        END IF;
                    END IF;
                    NEW.path := coalesce(up.path, '') || NEW.id || '.';
                    NEW.depth := coalesce(up.depth, 0) + 1;
                    NEW.oblast_id := CASE WHEN NEW.kind = 'OBLAST' THEN NEW.id ELSE up.oblast_id END;
                    NEW.raion_id := CASE WHEN NEW.kind = 'RAION' THEN NEW.id ELSE up.raion_id END;
                    NEW.hromada_id := CASE WHEN NEW.kind IN ('HROMADA', 'CITY') THEN NEW.id ELSE up.hromada_id END;
                    NEW.district_id := CASE WHEN NEW.kind = 'CITY_DISTRICT' THEN NEW.id ELSE up.district_id END;
                    RETURN NEW;
                """,
            ),
            # A node that moves takes its subtree and its grants along: each child re-reads its parent.
            pgtrigger.Trigger(
                name="replace_children",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("parent_id", "kind"),
                condition=pgtrigger.Q(old__path__df=pgtrigger.F("new__path"))
                | pgtrigger.Q(old__oblast_id__df=pgtrigger.F("new__oblast_id"))
                | pgtrigger.Q(old__raion_id__df=pgtrigger.F("new__raion_id"))
                | pgtrigger.Q(old__hromada_id__df=pgtrigger.F("new__hromada_id"))
                | pgtrigger.Q(old__district_id__df=pgtrigger.F("new__district_id")),
                func="""
                    UPDATE accounts_orgunit SET parent_id = parent_id WHERE parent_id = NEW.id;
                    UPDATE accounts_grant SET oblast_id = NEW.oblast_id, raion_id = NEW.raion_id,
                        hromada_id = NEW.hromada_id, district_id = NEW.district_id
                        WHERE unit_id = NEW.id;
                    RETURN NEW;
                """,
            ),
            # Where it stood until today: figures of a past day are summed as the tree was then.
            pgtrigger.Trigger(
                name="keep_placement",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                func="""
                    INSERT INTO accounts_unitplacement (unit_id, path, oblast_id, raion_id,
                        hromada_id, district_id, valid_from, valid_to)
                    SELECT o.id, o.path, o.oblast_id, o.raion_id, o.hromada_id, o.district_id,
                        (SELECT max(p.valid_to) FROM accounts_unitplacement p WHERE p.unit_id = o.id),
                        aikom_today()
                    FROM old_rows o JOIN new_rows n USING (id)
                    WHERE (o.path, o.oblast_id, o.raion_id, o.hromada_id, o.district_id)
                        IS DISTINCT FROM
                        (n.path, n.oblast_id, n.raion_id, n.hromada_id, n.district_id)
                      AND NOT EXISTS (SELECT FROM accounts_unitplacement p
                                      WHERE p.unit_id = o.id AND p.valid_to = aikom_today());
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitPlacement(models.Model):
    """Where a node stood in the tree before it moved; where it stands now is the node's own row.

    Written by the database. `valid_from` is null for where it stood from the beginning.
    """

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="placements", db_index=False)
    path = models.TextField(db_collation="C")
    oblast_id = models.IntegerField(null=True)
    raion_id = models.IntegerField(null=True)
    hromada_id = models.IntegerField(null=True)
    district_id = models.IntegerField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField()

    class Meta:
        constraints = [
            # Moved twice in a day, it stood nowhere in between.
            models.UniqueConstraint(fields=["unit", "valid_to"], name="one_move_a_day"),
            models.CheckConstraint(
                condition=models.Q(valid_from=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="unit_placement_period",
            ),
        ]
        triggers = [append_only()]
