// Every sentence a person may read here, by the code the worker answers with. `field` says beside
// which field the sentence stands: "key", "certificate" or "password"; without one it stands on top.
const PROBLEMS = {
  "no-file": { field: "key", text: "Оберіть файл ключа" },
  "no-password": { field: "password", text: "Введіть пароль до ключа" },
  "file-empty": { field: "key", text: "Файл порожній. Оберіть файл ключа, наприклад Key-6.dat" },
  "file-too-big": { field: "key", text: "Файл завеликий для ключа. Файл ключа займає кілька кілобайтів" },
  "file-unreadable": { field: "key", text: "Не вдалося прочитати файл. Перевірте, чи вставлено носій, і оберіть файл ще раз" },
  "not-a-key": { field: "key", text: "Це не файл ключа. Потрібен Key-6.dat, .pfx, .p12, .jks, .zs2, .pk8 або .pem" },
  "only-certificate": { field: "key", text: "Це сертифікат, а не ключ. Оберіть файл ключа, наприклад Key-6.dat" },
  "damaged": { field: "key", text: "Файл ключа пошкоджено. Скопіюйте його з носія ще раз" },
  "container-unsupported": { field: "key", text: "Такий спосіб захисту ключа не підтримується. Зверніться до свого надавача або збережіть ключ у форматі Key-6.dat чи .pfx" },
  "algorithm-unsupported": { field: "key", text: "Алгоритм цього ключа не підтримується: потрібен ДСТУ 4145, ECDSA або RSA" },
  "wrong-password": { field: "password", text: "Пароль не підходить до цього ключа" },
  "certificate-missing": { field: "certificate", text: "Додайте файл сертифіката: у файлі ключа його немає" },
  "certificate-unreadable": { field: "certificate", text: "Це не сертифікат. Оберіть файл із закінченням .cer, .crt або .p7b" },
  "certificate-foreign": { field: "certificate", text: "Цей сертифікат видано на інший ключ. Оберіть сертифікат саме цього ключа" },
  "certificate-encryption": { field: "certificate", text: "Це сертифікат шифрування. Оберіть другий сертифікат цього ключа: підпису" },
  "no-signing-key": { field: "key", text: "У цьому файлі лише ключ шифрування. Оберіть файл із ключем електронного підпису" },
  "another-person": { field: "key", text: ({ name, signer }) => `Цей ключ видано іншій особі: ${name}. ${signer ? `Підписати має ${signer}` : "Оберіть свій ключ"}` },
  "another-organisation": { field: "key", text: ({ organisation }) => `Цей ключ видано для іншої організації, ЄДРПОУ ${organisation}. Оберіть ключ, виданий для вашого закладу чи органу` },
  "no-organisation": { field: "key", text: ({ name }) => `Це особистий ключ (${name}): у ньому немає коду ЄДРПОУ. Оберіть ключ працівника, виданий для вашого закладу чи органу` },
  "no-person": { field: "key", text: ({ name }) => `У цьому ключі (${name}) немає РНОКПП: це печатка або ключ без особи. Оберіть свій ключ працівника` },
  "certificate-not-yet": { field: "key", text: "Сертифікат цього ключа ще не почав діяти. Перевірте дату на компʼютері" },
  "certificate-expired": { field: "key", text: "Строк дії сертифіката минув. Отримайте новий ключ у свого надавача" },
  "took-too-long": { text: "Ключ не відкрився за відведений час. Закрийте зайві програми й спробуйте ще раз" },
  "content-unavailable": { text: "Не вдалося завантажити документ для підпису. Перевірте зʼєднання і спробуйте ще раз: нічого не втрачено" },
  "program-unavailable": { text: "Не вдалося завантажити програму підпису. Оновіть сторінку; якщо не допоможе, зверніться до служби підтримки" },
  "content-refused": { text: "На сторінці не той документ, який підготував сервер, тому ключ його не підписав. Оновіть сторінку; якщо повториться, повідомте службу підтримки" },
  "ticket-refused": { text: "Ця сторінка застаріла або змінена, тому ключ нічого не підписав. Оновіть сторінку" },
  "not-confirmed": { text: "Підпис не підтверджено. Документ не підписано, ключ лишився відкритим" },
  "key-closed": { text: "Ключ уже закрито. Відкрийте його ще раз" },
  "unexpected": { text: "Підписати не вдалося через помилку програми. Спробуйте ще раз; якщо повториться, повідомте службу підтримки" },
};

const HINT_CYRILLIC = "У паролі є українські літери. Перевірте розкладку клавіатури";
const HINT_CAPS = "Увімкнено Caps Lock";
const HINT_NOT_BLOCKED = "Ключ не заблоковано: спроб можна робити скільки потрібно";

export function problem({ code, ...more }) {
  const { field, text } = PROBLEMS[code] || PROBLEMS.unexpected;
  return { field, text: typeof text === "function" ? text(more) : text };
}

export function passwordHint(password, capsLock) {
  if (/[А-Яа-яІіЇїЄєҐґ]/.test(password)) return HINT_CYRILLIC;
  if (capsLock) return HINT_CAPS;
  return HINT_NOT_BLOCKED;
}

const DATE = new Intl.DateTimeFormat("uk-UA", {
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  timeZone: "Europe/Kyiv",
});
export const asDate = (iso) => DATE.format(new Date(iso));

const RULES = new Intl.PluralRules("uk");
export const plural = (n, one, few, many) => ({ one, few })[RULES.select(n)] || many;

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} ${plural(bytes, "байт", "байти", "байтів")}`;
  return `${(bytes / 1024).toLocaleString("uk-UA", { maximumFractionDigits: 1 })} КБ`;
}
