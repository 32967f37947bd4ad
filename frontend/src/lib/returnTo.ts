/** Where a login may lead back to: a path of this site, nothing else. */
export function safeReturnTo(path: string | null): string {
  if (path === null || !/^\/(?![/\\])/.test(path) || /[\r\n]/.test(path)) return '/';
  return path.startsWith('/login') ? '/' : path;
}

export function loginPath(current: string): string {
  return `/login?return_to=${encodeURIComponent(safeReturnTo(current))}`;
}
