export function render(name) {
  return `bundled ${name}`;
}
