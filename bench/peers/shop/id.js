// Global ids: URL-safe base64 of a kind byte and the 16 bytes of a uuid.

export const Kind = { product: 1, sku: 2, store: 3, category: 4 };

const bytes = Buffer.alloc(17);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

export const isUuid = (text) => typeof text === 'string' && UUID.test(text);

export function globalId(kind, uuid) {
  bytes[0] = kind;
  bytes.write(uuid.replaceAll('-', ''), 1, 'hex');
  return bytes.toString('base64url');
}

/** The uuid in a global id of this kind, or null when it is none. */
export function uuidOf(kind, id) {
  const parsed = Buffer.from(id, 'base64url');
  if (parsed.length !== 17 || parsed[0] !== kind) return null;
  return parsed.toString('hex', 1).replace(GROUPS, '$1-$2-$3-$4-$5');
}
