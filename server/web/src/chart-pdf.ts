// A chart as a PDF of its own, in lines and letters: sharp at any size, and its text can be searched.
//
// The charts are the server's, so only what it draws is known here: rectangles, circles, paths of straight lines, texts in one of two
// weights, groups that are cut to a rectangle. The file is one page of ISO 32000-1 with two of the standard fonts, which every reader has.

/** Points of a PDF for one unit of the drawing: CSS has 96 to the inch, PDF 72. */
const POINT = 0.75;
/** Codes of Windows-1252 for what charts say beyond Latin-1. */
const BEYOND: Record<string, number> = { "–": 0x96, "—": 0x97, "’": 0x92, "“": 0x93, "”": 0x94, "…": 0x85, "€": 0x80 };

export function pdf(svg: SVGSVGElement): Blob {
  const { width, height } = svg.viewBox.baseVal;
  const page = new Page(height);
  page.children(svg);
  const [right, top] = [width * POINT, height * POINT];
  const states = page.opacities.map((opacity, at) => `/G${at} << /ca ${opacity} /CA ${opacity} >>`).join(" ");
  const font = (name: string) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const resources = `<< /Font << /F0 5 0 R /F1 6 0 R >> /ExtGState << ${states} >> >>`;
  const content = page.out.join("\n");
  const title = coded(svg.querySelector("title")?.textContent ?? "Chart");
  return file([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${right} ${top}] /Contents 4 0 R /Resources ${resources} >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    font("Helvetica"),
    font("Helvetica-Bold"),
    `<< /Title (${title}) /Producer (Tessera) >>`,
  ]);
}

/** Objects with the table of where each begins. Every character stands for one byte. */
function file(objects: string[]): Blob {
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${places.join("")}`;
  text += `trailer\n<< /Size ${size} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type: "application/pdf" });
}

class Page {
  /** What is drawn, operator by operator. */
  readonly out: string[];
  /** The opacities that are used, each by its place. */
  readonly opacities: number[] = [];

  constructor(height: number) {
    this.out = [`${POINT} 0 0 -${POINT} 0 ${height * POINT} cm`];
  }

  children(of: Element): void {
    for (const element of of.children) {
      if (element instanceof SVGGElement) this.group(element);
      else if (element instanceof SVGTextElement) this.text(element);
      else if (element instanceof SVGRectElement) this.shape(element, rectangle(element));
      else if (element instanceof SVGCircleElement) this.shape(element, circle(element));
      else if (element instanceof SVGPathElement) this.shape(element, path(element.getAttribute("d") ?? ""));
    }
  }

  private group(group: SVGGElement): void {
    this.out.push("q");
    const clip = /#([^)"]+)/.exec(group.getAttribute("clip-path") ?? "")?.[1];
    const frame = clip ? document.getElementById(clip)?.querySelector("rect") : null;
    if (frame) this.out.push(rectangle(frame), "W n");
    this.children(group);
    this.out.push("Q");
  }

  private shape(element: SVGElement, outline: string): void {
    const style = getComputedStyle(element);
    const [fill, stroke] = [colour(style.fill), colour(style.stroke)];
    if (!outline || (!fill && !stroke)) return;
    // What is both filled and drawn has one opacity in these charts.
    this.out.push("q", this.opacity(Number((fill ? style.fillOpacity : style.strokeOpacity) || 1) * Number(style.opacity || 1)));
    if (fill) this.out.push(`${fill} rg`);
    if (stroke) {
      const dashes = style.strokeDasharray.match(/[\d.]+/g) ?? [];
      this.out.push(`${stroke} RG`, `${parseFloat(style.strokeWidth) || 1} w`, "1 j", `[${dashes.join(" ")}] 0 d`);
    }
    this.out.push(outline, fill && stroke ? "B" : fill ? "f" : "S", "Q");
  }

  private text(element: SVGTextElement): void {
    const style = getComputedStyle(element);
    const said = element.textContent ?? "";
    const size = parseFloat(style.fontSize);
    const bold = Number(style.fontWeight) >= 600;
    const shift = { middle: 0.5, end: 1 }[style.textAnchor] ?? 0;
    const x = (element.x.baseVal.length ? element.x.baseVal.getItem(0).value : 0) - shift * breadth(said, size, bold);
    const y = element.y.baseVal.length ? element.y.baseVal.getItem(0).value : 0;
    const m = element.transform.baseVal.consolidate()?.matrix ?? { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };
    // Letters stand upright though the drawing counts downwards.
    const place = [m.a, m.b, -m.c, -m.d, m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f].map(short).join(" ");
    this.out.push("BT", this.opacity(Number(style.opacity || 1)), `${colour(style.fill) || "0 0 0"} rg`);
    this.out.push(`/F${bold ? 1 : 0} ${size} Tf`, `${place} Tm`, `(${coded(said)}) Tj`, "ET");
  }

  private opacity(value: number): string {
    if (!this.opacities.includes(value)) this.opacities.push(value);
    return `/G${this.opacities.indexOf(value)} gs`;
  }
}

const short = (value: number): string => String(Math.round(value * 1000) / 1000);

/** A computed colour as three shares; empty for none. */
function colour(computed: string): string {
  const [red, green, blue, alpha] = (computed.match(/[\d.]+/g) ?? []).map(Number);
  if (red === undefined || green === undefined || blue === undefined || alpha === 0) return "";
  return [red, green, blue].map((of) => short(of / 255)).join(" ");
}

function rectangle(element: SVGRectElement): string {
  const of = [element.x, element.y, element.width, element.height].map((side) => short(side.baseVal.value));
  return `${of.join(" ")} re`;
}

/** Four curves that keep to a circle within a three-thousandth of its radius. */
function circle(element: SVGCircleElement): string {
  const [x, y, r] = [element.cx, element.cy, element.r].map((of) => of.baseVal.value) as [number, number, number];
  const k = 0.5523 * r;
  const at = (...values: number[]) => values.map(short).join(" ");
  return [
    `${at(x + r, y)} m`,
    `${at(x + r, y + k, x + k, y + r, x, y + r)} c`,
    `${at(x - k, y + r, x - r, y + k, x - r, y)} c`,
    `${at(x - r, y - k, x - k, y - r, x, y - r)} c`,
    `${at(x + k, y - r, x + r, y - k, x + r, y)} c h`,
  ].join("\n");
}

/** A path of straight lines; a small letter counts from the point before. */
function path(data: string): string {
  const out: string[] = [];
  let [x, y] = [0, 0];
  for (const [, letter = "", rest = ""] of data.matchAll(/([a-z])([^a-z]*)/gi)) {
    const numbers = (rest.match(/-?\d*\.?\d+/g) ?? []).map(Number);
    const kind = letter.toUpperCase();
    const near = letter !== kind;
    if (kind === "Z") out.push("h");
    const step = kind === "H" || kind === "V" ? 1 : 2;
    for (let at = 0; at + step <= numbers.length; at += step) {
      const [first = 0, second = 0] = numbers.slice(at, at + step);
      if (kind === "V") y = near ? y + first : first;
      else [x, y] = [near ? x + first : first, kind === "H" ? y : near ? y + second : second];
      out.push(`${short(x)} ${short(y)} ${kind === "M" && at === 0 ? "m" : "l"}`);
    }
  }
  return out.join("\n");
}

/** How broad a text is in the font that the PDF names. */
function breadth(text: string, size: number, bold: boolean): number {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return 0;
  pen.font = `${bold ? "bold " : ""}${size}px Helvetica, Arial, "Liberation Sans", sans-serif`;
  return pen.measureText(text).width;
}

/** A text as the bytes of a PDF's string. */
function coded(text: string): string {
  const byte = (letter: string): string => {
    const code = BEYOND[letter] ?? (letter === "\u2212" ? 0x2d : letter.charCodeAt(0));
    const known = code < 256 ? String.fromCharCode(code) : "?";
    return "()\\".includes(known) ? `\\${known}` : known;
  };
  return Array.from(text, byte).join("");
}
