/** A reason as a body of the API has it: none at all rather than an empty one. */
export function reasonToSend(text: string): { reason?: string } {
  const reason = text.trim();
  return reason === '' ? {} : { reason };
}
