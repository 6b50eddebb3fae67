// On every page: the menu of the header, forms that are sent once, and the answer to "did it work?" read out.
import { Button, ErrorSummary, Header, NotificationBanner, PasswordInput, SkipLink, createAll } from "nhsuk-frontend";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
for (const component of [Button, ErrorSummary, Header, NotificationBanner, PasswordInput, SkipLink]) {
  createAll(component);
}

// The second click of an impatient finger must not send a form twice.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post" || form.dataset["repeat"] === "yes") return;
  if (form.dataset["sent"] === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset["sent"] = "yes";
});
// Coming back with the browser's back button shows the same form again: it may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
});

// A wristband is scanned into a form on some pages: keep its separators, which browsers swallow.
for (const field of document.querySelectorAll<HTMLInputElement>("input[data-scan-field]")) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      // A scanner ends with Enter: that goes on to the next field, it does not send a half-filled form.
      event.preventDefault();
      if (field.form?.dataset["scanSends"] === "yes") return field.form.requestSubmit();
      const fields = Array.from(field.form?.querySelectorAll<HTMLElement>("input:not([type=hidden]), select, button") ?? []);
      fields[fields.indexOf(field) + 1]?.focus();
      return;
    }
    if (!((event.ctrlKey && event.key === "]") || event.key === "F8")) return;
    event.preventDefault();
    field.setRangeText("\u001d", field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
  });
}
