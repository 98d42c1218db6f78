// What was typed and is not with the server yet, as a queue of changes; without a DOM.
//
// A change is of one address and carries, by field, what one typed (`mine`) and what the server had
// there as far as one knew (`base`). The server takes a change whole or refuses it whole, so a field
// that somebody else wrote meanwhile steps aside with both values and the rest goes on. Nothing leaves
// the queue but what the server has, or what a person decided about.

/** @typedef {{mine: string, base: string, label: string, theirs?: string, said?: string}} Field */
/** @typedef {"waiting" | "conflict" | "refused"} State */
/**
 * @typedef {object} Change
 * @property {string} id
 * @property {string} url where it goes
 * @property {string} page where one typed it
 * @property {string} label what it is about, in words
 * @property {string} day the day that the page showed; another by now refuses the change
 * @property {State} state
 * @property {string} key under which it was sent; a change with a key never changes again
 * @property {string} said why it was refused
 * @property {Record<string, Field>} fields by name
 */
/** @typedef {{theirs?: Record<string, string>, wrong?: Record<string, string>, refused?: string, day?: string}} Refusal */
/** @typedef {Pick<Change, "url" | "page" | "label" | "day">} About */

/**
 * @param {Change} change
 * @param {Partial<Change>} more
 * @returns {Change}
 */
const as = (change, more) => ({ ...change, ...more });

/** @type {(queue: Change[], at: number, ...ones: Change[]) => Change[]} */
const replaced = (queue, at, ...ones) => [...queue.slice(0, at), ...ones, ...queue.slice(at + 1)];

/** @param {Record<string, Field>} fields */
const isEmpty = (fields) => Object.keys(fields).length === 0;

/**
 * Without some fields of an address that stand aside; changes left with nothing go.
 * @param {Change[]} queue
 * @param {string} url
 * @param {(name: string) => boolean} leaves
 */
const without = (queue, url, leaves) =>
  queue
    .map((one) =>
      one.url === url && one.state !== "waiting"
        ? as(one, { fields: Object.fromEntries(Object.entries(one.fields).filter(([name]) => !leaves(name))) })
        : one,
    )
    .filter((one) => !isEmpty(one.fields));

/**
 * Typed: into the last change of the address that was not sent yet, or a new one at the end. What one
 * types again is no conflict and no mistake any more.
 * @param {Change[]} queue
 * @param {About} about
 * @param {Record<string, Field>} fields
 * @param {string} id of a new change
 * @returns {Change[]}
 */
export function typed(queue, about, fields, id) {
  const rest = without(queue, about.url, (name) => name in fields);
  const at = rest.findLastIndex((one) => one.url === about.url && one.state === "waiting");
  const last = rest[at];
  if (!last || last.key) return isEmpty(fields) ? rest : [...rest, { ...about, id, state: "waiting", key: "", said: "", fields }];
  const merged = { ...last.fields };
  for (const [name, field] of Object.entries(fields)) {
    merged[name] = { ...field, base: merged[name]?.base ?? field.base };
    if (merged[name].mine === merged[name].base) delete merged[name]; // as it was: nothing to say
  }
  if (isEmpty(merged)) return replaced(rest, at);
  return replaced(rest, at, as(last, { fields: merged, day: about.day }));
}

/** The change that goes next. @type {(queue: Change[]) => Change | undefined} */
export const next = (queue) => queue.find((one) => one.state === "waiting");

/**
 * About to be sent: the key makes it one change however often it is sent.
 * @param {Change[]} queue
 * @param {string} id
 * @param {string} key
 */
export const sealed = (queue, id, key) => queue.map((one) => (one.id === id && !one.key ? as(one, { key }) : one));

/** @type {(queue: Change[], id: string) => Change[]} */
export const taken = (queue, id) => queue.filter((one) => one.id !== id);

/**
 * Not taken: fields that others wrote, and fields that mean nothing, step aside and say why; the rest
 * waits on under a new key. Refused as a whole, it waits for a person as it is.
 * @param {Change[]} queue
 * @param {string} id
 * @param {Refusal} refusal
 * @param {(n: number) => string} ids of changes that stand aside
 * @returns {Change[]}
 */
export function refused(queue, id, { theirs = {}, wrong = {}, refused: said = "", day }, ids) {
  const at = queue.findIndex((one) => one.id === id);
  const change = queue[at];
  if (!change) return queue;
  /** @type {Record<string, Field>[]} */
  const [rest, clash, bad] = [{}, {}, {}];
  for (const [name, field] of Object.entries(change.fields)) {
    if (name in wrong) bad[name] = { ...field, said: wrong[name] };
    else if (name in theirs && theirs[name] !== field.mine) clash[name] = { ...field, theirs: theirs[name] };
    else if (!(name in theirs)) rest[name] = field; // what they wrote too is there already
  }
  if (said) return replaced(queue, at, as(change, { state: "refused", said, key: "", day: day || change.day }));
  if (isEmpty(clash) && isEmpty(bad) && Object.keys(rest).length === Object.keys(change.fields).length)
    return replaced(queue, at, as(change, { state: "refused", said: "Сервер не прийняв цих записів.", key: "" }));
  const aside = [
    as(change, { state: "waiting", fields: rest, key: "" }),
    as(change, { state: "conflict", fields: clash, key: "", id: ids(1) }),
    as(change, { state: "refused", fields: bad, key: "", id: ids(2) }),
  ].filter((one) => !isEmpty(one.fields));
  // A field stands aside once: what was typed last is mine.
  const others = without(queue, change.url, (name) => name in clash || name in bad);
  return others.flatMap((one) => (one.id === id ? aside : [one]));
}

/**
 * A person decided about one field that stands aside: mine is sent knowing theirs; theirs stands.
 * @param {Change[]} queue
 * @param {string} id
 * @param {string} name
 * @param {"mine" | "theirs"} whose
 * @param {string} fresh the id of what goes on
 * @returns {Change[]}
 */
export function settled(queue, id, name, whose, fresh) {
  const change = queue.find((one) => one.id === id);
  const field = change?.fields[name];
  if (!change || !field) return queue;
  const rest = queue.flatMap((one) => {
    if (one.id !== id) return [one];
    const { [name]: _, ...left } = one.fields;
    return isEmpty(left) ? [] : [as(one, { fields: left })];
  });
  if (whose === "theirs") return rest;
  const { mine, label, theirs = field.base } = field;
  return [...rest, as(change, { id: fresh, state: "waiting", key: "", said: "", fields: { [name]: { mine, label, base: theirs } } })];
}

/**
 * A change that was refused as a whole goes again, or is given up.
 * @param {Change[]} queue
 * @param {string} id
 * @param {boolean} again
 */
export const decided = (queue, id, again) =>
  again ? queue.map((one) => (one.id === id ? as(one, { state: "waiting", said: "" }) : one)) : taken(queue, id);

/** How many fields are in a state. @type {(queue: Change[], state: State) => number} */
export const count = (queue, state) =>
  queue.filter((one) => one.state === state).reduce((sum, one) => sum + Object.keys(one.fields).length, 0);

/**
 * What one typed at an address, over what its page brings from the server; the last word of each field.
 * @param {Change[]} queue
 * @param {string} url
 * @returns {Record<string, string>}
 */
export const mine = (queue, url) =>
  Object.assign({}, ...queue.filter((one) => one.url === url).map((one) => Object.fromEntries(Object.entries(one.fields).map(([name, field]) => [name, field.mine]))));
