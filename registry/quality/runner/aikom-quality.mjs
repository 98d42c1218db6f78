// Reference runner of the rules of data quality of АІКОМ, for school information systems.
//
// One file, no dependencies; Node 18 and later, browsers since 2021. It reads a pack as it is
// published (GET /rules/<year>.json) and says of a child's facts what the central database would say:
//
//     const pack = new Pack(await (await fetch("…/rules/2026.json")).json());
//     pack.check({ surname: "", born_on: "2031-02-03", today: "2026-11-22" });
//     // [{ code: "surname.required", severity: "error", message: "Не вказано прізвище.", … }, …]
//
// Facts are named in the pack. A fact that is not a key is unknown, and rules that name it are not
// asked; null or "" is known to be absent. Dates are "РРРР-ММ-ДД".
//
//     node aikom-quality.mjs 2026.json < rows.jsonl > findings.jsonl     # a JSON object a line

const HOLE = /\{([a-z_]+)(?::([a-z]+))?\}/g;

/** A pack of rules ready to be asked. Throws when the pack says a word this runner does not know. */
export class Pack {
  #facts;
  #derived;
  #deriving;
  #words;
  #rules;
  #dates;

  constructor(data) {
    this.version = data.version;
    this.#facts = new Map(Object.entries(data.facts).map(([name, one]) => [name, one.type]));
    this.#derived = Object.entries(data.derived).map(([name, one]) => [name, one.of]);
    this.#deriving = deriving(data);
    this.#words = words(data);
    this.#dates = new Set(
      [...Object.entries(data.facts), ...Object.entries(data.derived)]
        .filter(([, one]) => one.type === "date")
        .map(([name]) => name),
    );
    this.#known("derived", Object.keys(data.derived), this.#deriving);
    this.#known("formats", Object.keys(data.formats), FORMATS);
    this.#rules = data.rules.map((raw) => this.#read(raw));
  }

  /** What the rules say of a child's facts, in the order of the pack. Throws on a name that is no
   * fact, or a value of another type. */
  check(facts) {
    const values = new Map(Object.keys(facts).map((name) => [name, this.#value(name, facts[name])]));
    for (const [name, of] of this.#derived) {
      if (!of.every((one) => values.has(one))) continue;
      const given = of.map((one) => values.get(one));
      values.set(name, given.includes(null) ? null : this.#deriving[name](...given));
    }
    return this.#rules
      .filter(
        ({ raw, asked, needs, when, must }) =>
          asked.every((name) => values.has(name)) &&
          !needs.some((name) => values.get(name) === null) &&
          isDatedIn(raw, values) &&
          when(values) &&
          !must(values),
      )
      .map(({ raw }) => this.#told(raw, values));
  }

  #read(raw) {
    const when = this.#all(raw.when ?? []);
    const must = this.#all(raw.must);
    const dated = raw.since || raw.until ? ["today"] : [];
    return {
      raw,
      asked: [...when.named, ...must.named, ...dated],
      needs: [...must.needs, ...dated],
      when: when.test,
      must: must.test,
    };
  }

  #all(raw, anyOf = false) {
    const parts = raw.map((one) => this.#condition(one));
    return {
      test: (values) =>
        anyOf ? parts.some((one) => one.test(values)) : parts.every((one) => one.test(values)),
      named: parts.flatMap((one) => one.named),
      needs: parts.flatMap((one) => one.needs),
    };
  }

  #condition(raw) {
    const [[word, said]] = Object.entries(raw);
    if (word === "given" || word === "missing") {
      const isThere = word === "given";
      const test = (values) => (values.get(said) !== null) === isThere;
      return { test, named: [said], needs: [] };
    }
    if (word === "not") {
      const { test, named, needs } = this.#condition(said);
      return { test: (values) => !test(values), named, needs };
    }
    if (word === "any") return this.#all(said, true);
    this.#known("conditions", [word], this.#words);
    const { takes, spare, ask } = this.#words[word];
    const given = Array.isArray(said) ? said : [said];
    const named = given.filter((_, at) => at < takes.length && !["codes", "number"].includes(takes[at]));
    const rest = given.slice(named.length);
    const constants = takes.at(-1) === "codes" ? [rest] : rest;
    const needs = named.filter((_, at) => !spare.includes(at));
    const test = (values) =>
      !needs.some((name) => values.get(name) === null) &&
      ask(...named.map((name, at) => (spare.includes(at) ? (values.get(name) ?? "") : values.get(name))), ...constants);
    return { test, named, needs };
  }

  #value(name, value) {
    const kind = this.#facts.get(name);
    if (kind === undefined) throw new RangeError(`«${name}» is not a fact of the pack`);
    if (value === null || value === undefined || value === "") return null;
    const right =
      kind === "int" ? Number.isInteger(value) : typeof value === "string" && (kind === "text" || isDay(value));
    if (!right) throw new RangeError(`«${name}» is ${kind}, got ${JSON.stringify(value)}`);
    return value;
  }

  #told(raw, values) {
    const fix = raw.fix ?? "";
    const there = [...fix.matchAll(HOLE)].every(([, name]) => (values.get(name) ?? null) !== null);
    return {
      code: raw.code,
      severity: raw.severity,
      message: this.#filled(raw.message, values),
      fix: (there && this.#filled(fix, values)) || null,
      fix_url: raw.fix_url,
    };
  }

  #filled(text, values) {
    return text.replace(HOLE, (_, name, how) => {
      const value = values.get(name);
      return this.#dates.has(name) && !how ? value.split("-").reverse().join(".") : FORMATS[how ?? ""](value);
    });
  }

  #known(what, said, known) {
    const unknown = said.filter((one) => !Object.hasOwn(known, one));
    if (unknown.length) throw new RangeError(`${what} ${unknown} of pack ${this.version} are newer than this runner`);
  }
}

function isDatedIn(raw, values) {
  const today = values.get("today");
  return !(raw.since && today < raw.since) && !(raw.until && today >= raw.until);
}

// ── what follows from facts ──────────────────────────────────────────────────
const TEN = /^[0-9]{10}$/;
const UNZR = /^[0-9]{8}-[0-9]{5}$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

function isDay(text) {
  if (!DAY.test(text) || text.startsWith("0000")) return false;
  const [year, month, day] = text.split("-").map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

function rnokppBornOn(number) {
  if (!TEN.test(number)) return null;
  return new Date(Date.UTC(1899, 11, 31 + Number(number.slice(0, 5)))).toISOString().slice(0, 10);
}

const rnokppSex = (number) => (TEN.test(number) ? (Number(number[8]) % 2 ? "M" : "F") : null);

function rnokppChecksum(number) {
  if (!TEN.test(number) || number === "0000000000") return false;
  const sum = [-1, 5, 7, 9, 4, 6, 10, 5, 7].reduce((all, weight, at) => all + weight * Number(number[at]), 0);
  return (((sum % 11) + 11) % 11) % 10 === Number(number[9]);
}

function unzrBornOn(unzr) {
  if (!UNZR.test(unzr)) return null;
  const day = `${unzr.slice(0, 4)}-${unzr.slice(4, 6)}-${unzr.slice(6, 8)}`;
  return isDay(day) ? day : null;
}

function unzrChecksum(unzr) {
  if (!UNZR.test(unzr)) return false;
  const digits = unzr.replace("-", "");
  const sum = [...digits.slice(0, 12)].reduce((all, digit, at) => all + Number(digit) * [7, 3, 1][at % 3], 0);
  return sum % 10 === Number(digits[12]);
}

function fullYears(bornOn, day) {
  const before = day.slice(5) < bornOn.slice(5) ? 1 : 0;
  return Math.max(Number(day.slice(0, 4)) - Number(bornOn.slice(0, 4)) - before, 0);
}

function deriving(data) {
  const endings = Object.entries(data.patronymic_endings);
  return {
    rnokpp_born_on: rnokppBornOn,
    rnokpp_sex: rnokppSex,
    unzr_born_on: unzrBornOn,
    patronymic_sex(patronymic) {
      const low = patronymic.toLowerCase();
      return endings.find(([, ends]) => ends.some((end) => low.endsWith(end)))?.[0] ?? null;
    },
    age: fullYears,
    usual_age: (grade) => grade + 5,
    usual_age_more: (grade) => grade + 6,
  };
}

// ── conditions: what each takes, which of its facts may be absent and read as "", the question ──
function words(data) {
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");
  const phone = whole(data.phone_shape);
  const shapes = new Map(
    Object.entries(data.document_shapes).map(([kind, one]) => [kind, [whole(one.series), whole(one.number)]]),
  );
  const asks = {
    equal: (a, b) => a === b,
    before: (a, b) => a < b,
    not_after: (a, b) => a <= b,
    at_most: (a, b) => a <= b,
    among: (a, codes) => codes.includes(a),
    rnokpp_checksum: rnokppChecksum,
    unzr_checksum: unzrChecksum,
    unzr_date: (unzr) => unzrBornOn(unzr) !== null,
    document_shape(kind, series, number) {
      const shape = shapes.get(kind);
      return shape !== undefined && shape[0].test(series) && shape[1].test(number);
    },
    phone_shape: (number) => phone.test(number),
    age_fits_grade(bornOn, grade, day) {
      const age = fullYears(bornOn, day);
      return grade + 4 <= age && age <= grade + 9;
    },
  };
  return Object.fromEntries(
    Object.entries(asks)
      .filter(([name]) => Object.hasOwn(data.conditions, name))
      .map(([name, ask]) => {
        const { takes, spare = [] } = data.conditions[name];
        return [name, { takes, spare, ask }];
      }),
  );
}

// ── how a fact is written into a message ─────────────────────────────────────
function years(number) {
  const tens = number % 100;
  const ones = number % 10;
  const few = ones >= 2 && ones <= 4 && !(tens >= 12 && tens <= 14);
  return `${number} ${ones === 1 && tens !== 11 ? "рік" : few ? "роки" : "років"}`;
}

const FORMATS = {
  "": String,
  years,
  whose: (sex) => (sex === "M" ? "хлопця" : "дівчини"),
  letter: (sex) => (sex === "M" ? "Ч" : "Ж"),
};

async function main(file) {
  const { readFileSync } = await import("node:fs");
  const pack = new Pack(JSON.parse(readFileSync(file, "utf8")));
  let rest = "";
  const check = (lines) => {
    const told = lines.filter(Boolean).map((line) => `${JSON.stringify(pack.check(JSON.parse(line)))}\n`);
    if (told.length) process.stdout.write(told.join(""));
  };
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    check(lines);
  }
  check([rest]);
}

if (globalThis.process?.argv?.[1]?.endsWith("aikom-quality.mjs")) {
  if (process.argv.length === 3) await main(process.argv[2]);
  else {
    process.stderr.write("usage: node aikom-quality.mjs PACK.json < rows.jsonl > findings.jsonl\n");
    process.exitCode = 2;
  }
}
