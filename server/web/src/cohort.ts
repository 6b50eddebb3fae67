// The cohort builder counts while one chooses: how many implants the filter names, before anything is drawn.
const form = document.querySelector<HTMLFormElement>("#builder");
const said = document.querySelector<HTMLElement>("#live-count");
let waiting = 0;
let asked = 0;

async function count(): Promise<void> {
  if (!form || !said) return;
  const mine = ++asked;
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value !== "") fields.set(name, value);
  const answer = await fetch(`/cohorts/counts?${fields.toString()}`, { headers: { Accept: "application/json" } });
  // An older question may be answered later than a newer one.
  if (mine !== asked) return;
  const body = (await answer.json()) as { text?: string; detail?: string };
  said.textContent = body.text ?? body.detail ?? "";
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = window.setTimeout(() => void count().catch(() => undefined), 400);
});
