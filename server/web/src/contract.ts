/** What the theatre page and the registry say to each other (see /api/docs). */

export type Answer = "may" | "look" | "stop";

export interface ScanBody {
  id: string;
  procedure: string;
  scanned_at: string;
  entry: "handheld" | "typed" | "photo" | "camera";
  symbols: { bytes: string; aim: string | null }[];
  /** An earlier scan of the same pack, where a person says that it is: a photo of this pack, a chosen reading. */
  supersedes_scan?: string;
  /** The scan before this one on this page: the registry alone decides whether both are of one pack. */
  follows?: string;
  /** What is known of the scanner, once it was calibrated on this workstation. */
  profile?: unknown;
  /** Which of the readings of `supersedes_scan` a person chose. */
  reading?: number;
}

/** One possible reading of a pack. */
export interface Reading {
  lot?: string | null;
  serial?: string | null;
  expiry?: string | null;
}

export interface Product {
  /** The registry's id of it. */
  id?: string;
  name: string;
  description?: string;
  /** So many packs of it that may be used are on the site's shelves; nothing where it keeps none. */
  on_shelf?: number | null;
}

export interface ScanAnswer {
  scan: { id: string };
  kind: "pack" | "wristband" | "badge" | "location" | "other";
  /** In plain words, where there is no verdict. */
  message?: string | null;
  /** Half of a label: the other barcode of the pack is wanted. */
  pending: boolean;
  label: { outcome: "read" | "ambiguous" | "refused" | "incomplete" | "not-a-device"; udi: Reading | null; candidates?: Reading[] } | null;
  product: Product | null;
  verdict: {
    answer: Answer;
    headline: string;
    reasons: { code: string; answer: Answer; text: string; action: string }[];
  } | null;
  /** What was recorded; nothing on a stop, until a person decides. */
  device_use: { id: string; fate: string } | null;
  wristband: { matches: boolean | null; text: string } | null;
}

/** RFC 9457, with the registry's own code and advice. */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  code?: string;
  action?: string;
}

/** A procedure to be opened (`ProcedureBody` of the interface). */
export interface ProcedureBody {
  id: string;
  patient: { wristband?: { bytes: string; aim: string | null }; nhs_number?: string };
  site: string;
  theatre: string;
  opcs4: string;
  side: "left" | "right" | "bilateral" | null;
  started_at: string;
}

/** A decision against a stop (`StopOverrideBody`); never with a PIN in it while it waits. */
export interface OverrideBody {
  id: string;
  fate: string;
  reason: string;
  witness?: { badge: string; pin?: string; proof?: { key: string; at: string; signature: string }; not_verified?: true };
}

/** What the page itself said of a scan, by a snapshot of the registry's data. */
export interface Judged {
  answer: Answer;
  headline: string;
  product: string;
  /** When the registry read the data. */
  taken: string;
}

/** What a device of a procedure has to fit, as the registry told it last (`OnTheTable` of scanner-lib). */
export interface OnTheTable {
  already_in: string[];
  plan: Record<string, string>;
}

/** What the snapshot says of a scan (`OfflineAnswer` of scanner-lib). */
export interface OfflineAnswer {
  kind: "device-pack" | "wristband" | "staff-badge" | "location" | "asset" | "other";
  pending: boolean;
  label: ScanAnswer["label"];
  product: Product | null;
  verdict: { answer: Answer; reasons: { code: string; answer: Answer; text: string; action: string }[] } | null;
  headline: string | null;
}

/** How an attempt to deliver ended. */
export type Delivery =
  | { kind: "answered"; answer: ScanAnswer | null }
  | { kind: "later"; why: "offline" | "busy" | "signed-out" | "held" | "another-person" }
  | { kind: "refused"; problem: Problem };

/** Which answers mean "try again", and which that a person must look. */
export function judgeStatus(status: number): "answered" | "offline" | "busy" | "signed-out" | "refused" {
  if (status >= 200 && status < 300) return "answered";
  if (status === 401) return "signed-out";
  if (status === 408 || status === 425 || status === 429 || status >= 500) return "busy";
  return "refused";
}
