/** As much as the master takes. */
const MOST_CHARACTERS = 1_000_000;

export type FileProblem = 'too_large' | 'not_utf8' | 'nothing';

/** The text of a file; a file in another encoding is refused rather than read with wrong letters. */
export async function readText(file: File): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

/** What is wrong with a text before it is sent. */
export function problemOfText(text: string | null): FileProblem | null {
  if (text === null) return 'not_utf8';
  if (text.trim() === '') return 'nothing';
  return text.length > MOST_CHARACTERS ? 'too_large' : null;
}
