// A chart taken away: as the SVG that the server drew, as a PNG or a PDF made of it here, or with its page on paper.

import { pdf } from "./chart-pdf.ts";

/** How many pixels of a PNG stand for one of the drawing: sharp in print at the width of a column. */
const SCALE = 3;

for (const figure of document.querySelectorAll<HTMLElement>("figure.app-chart")) {
  const svg = figure.querySelector("svg");
  if (svg) offer(figure, svg);
}

function offer(figure: HTMLElement, svg: SVGSVGElement): void {
  const row = Object.assign(document.createElement("p"), { className: "app-noprint app-inline app-take" });
  const said = Object.assign(document.createElement("span"), { role: "status" });
  const button = (text: string, act: () => void | Promise<void>): HTMLButtonElement => {
    const made = Object.assign(document.createElement("button"), {
      type: "button",
      className: "nhsuk-button nhsuk-button--secondary nhsuk-button--small",
      textContent: text,
    });
    made.addEventListener("click", () => {
      said.textContent = "";
      void Promise.resolve(act()).catch(() => {
        said.textContent = "The picture could not be made: save it as SVG, or print the page.";
      });
    });
    return made;
  };
  row.append(
    button("Save as SVG", () => save(new Blob([source(svg)], { type: "image/svg+xml" }), `${nameOf(svg)}.svg`)),
    button("Save as PNG", async () => save(await png(svg), `${nameOf(svg)}.png`)),
    button("Save as PDF", () => save(pdf(svg), `${nameOf(svg)}.pdf`)),
    button("Print the page", () => window.print()),
    said,
  );
  figure.after(row);
}

/** The drawing as a file of its own, with its size in it: without, a browser draws it at 300 by 150. */
function source(svg: SVGSVGElement): string {
  const { width, height } = size(svg);
  const own = svg.cloneNode(true) as SVGSVGElement;
  own.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  own.setAttribute("width", String(width));
  own.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(own);
}

function size(svg: SVGSVGElement): { width: number; height: number } {
  const { width, height } = svg.viewBox.baseVal;
  return { width, height };
}

async function png(svg: SVGSVGElement): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([source(svg)], { type: "image/svg+xml" }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const { width, height } = size(svg);
    const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((made, failed) => {
      canvas.toBlob((blob) => (blob ? made(blob) : failed(new Error("no picture"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  // The browser reads the address after the click: it may go when that is surely over.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A file name of the chart's title. */
function nameOf(svg: SVGSVGElement): string {
  const title = svg.querySelector("title")?.textContent ?? "chart";
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "chart";
}
