import time
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts.models import OrgUnit
from registry.models import Tally, TallySum
from registry.tallies.concerns import concerns, figures
from tests.world import sign_in


def test_speed(world, capsys):
    with connection.cursor() as c:
        c.execute("SET session_replication_role = replica")
        c.execute("SELECT max(id) FROM accounts_orgunit")
        base = c.fetchone()[0]
        mon = world.units["mon"].pk
        o = "kind,name,parent_id,is_active,path,depth,oblast_id,raion_id,hromada_id,district_id,id"
        c.execute(
            f"INSERT INTO accounts_orgunit ({o}) SELECT 'OBLAST','Область '||g,{mon},true,'{mon}.'||({base}+g)||'.',1,{base}+g,null,null,null,{base}+g FROM generate_series(1,25) g"
        )
        c.execute(
            f"INSERT INTO accounts_orgunit ({o}) SELECT 'HROMADA','Громада '||g,{base}+1+(g%25),true,'{mon}.'||({base}+1+(g%25))||'.'||({base}+100+g)||'.',2,{base}+1+(g%25),null,{base}+100+g,null,{base}+100+g FROM generate_series(1,1400) g"
        )
        c.execute(
            f"INSERT INTO accounts_orgunit ({o}) SELECT 'INSTITUTION','Школа '||g,{base}+101+(g%1400),true,'{mon}.'||({base}+1+((g%1400+1)%25))||'.'||({base}+101+(g%1400))||'.'||({base}+2000+g)||'.',3,{base}+1+((g%1400+1)%25),null,{base}+101+(g%1400),null,{base}+2000+g FROM generate_series(1,14000) g"
        )
        cols = [
            f.column
            for f in __import__("registry.models", fromlist=["x"]).Institution._meta.concrete_fields
        ]
        c.execute(
            "SELECT "
            + ",".join(f'"{x}"' for x in cols if x != "sort_key")
            + " FROM registry_institution LIMIT 1"
        )
        keep = [
            x
            for x in cols
            if x
            not in {
                "sort_key",
                "institution_id",
                "uid",
                "diso_id",
                "edebo_id",
                "oblast_id",
                "raion_id",
                "hromada_id",
                "district_id",
                "short_name",
            }
        ]
        c.execute(f"""INSERT INTO registry_institution ({",".join(keep)},institution_id,short_name,oblast_id,hromada_id)
            SELECT {",".join("i." + k for k in keep)}, u.id, u.name, u.oblast_id, u.hromada_id FROM accounts_orgunit u,
            (SELECT * FROM registry_institution WHERE institution_id={world.units["school1"].pk}) i WHERE u.id > {base}+2000""")
        c.execute("SET session_replication_role = origin")
        codes = [*figures, *(f + ":ago" for f in figures), *concerns]
        c.execute(
            """INSERT INTO registry_tally (institution_id, code, n, type, oblast_id, raion_id, hromada_id, district_id)
            SELECT u.id, code, 1 + (u.id * 7919 %% 600), (ARRAY['LYCEUM','GYMNASIUM','PRIMARY','SPECIAL'])[1 + u.id %% 4], u.oblast_id, u.raion_id, u.hromada_id, u.district_id
            FROM accounts_orgunit u, unnest(%s::text[]) WITH ORDINALITY AS x(code, k) WHERE u.id > %s AND (u.id + k) %% 3 <> 0""",
            [codes, base + 2000],
        )
        c.execute(
            "ANALYZE registry_tally, registry_tallysum, registry_institution, accounts_orgunit"
        )
        c.execute("SELECT count(*) FROM registry_tally")
        rows = c.fetchone()[0]
        c.execute("SELECT count(*) FROM registry_tallysum")
        sums = c.fetchone()[0]
        c.execute(
            "SELECT id, uid FROM accounts_orgunit WHERE kind='OBLAST' AND id > %s LIMIT 1", [base]
        )
        oblast = c.fetchone()
    out = [f"codes {len(codes)}, tallies {rows}, sums {sums}"]
    for who, query in (("maria", ""), ("maria", "?kind=LYCEUM"), ("maria", f"?area={oblast[1]}")):
        client = Client()
        sign_in(client, world.grants[who])
        client.get("/" + query)
        best = None
        for _ in range(7):
            with CaptureQueriesContext(
                connection,
            ) as q:
                assert client.get("/" + query).status_code == 200
            spent = sum(float(x["time"]) for x in q.captured_queries)
            best = min(best, (spent, len(q))) if best else (spent, len(q))
            slow = sorted(
                ((float(x["time"]), x["sql"][:110]) for x in q.captured_queries), reverse=True
            )[:5]
        out.append(f"{who}{query}: {best[0] * 1000:.0f} ms in {best[1]} queries; {slow}")
        with CaptureQueriesContext(connection) as q:
            pass
    sqls = []
    with CaptureQueriesContext(connection) as q:
        client.get("/")
    with capsys.disabled():
        print("\n" + "\n".join(out))
