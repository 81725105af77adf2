export function greeting(path: string): string {
  return `typed hello from ${path}`;
}
