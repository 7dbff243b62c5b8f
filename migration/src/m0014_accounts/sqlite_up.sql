ALTER TABLE users ADD COLUMN password_hash text;
ALTER TABLE users ADD COLUMN email_verified_at timestamp_with_timezone_text;
ALTER TABLE users ADD COLUMN is_pending boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN role text NOT NULL DEFAULT 'SHOPPER'
    CONSTRAINT users_role_check CHECK (role IN ('SHOPPER', 'STAFF'));

CREATE INDEX users_pending_created_at_idx ON users (created_at) WHERE is_pending;

DROP TRIGGER users_raise_version;

CREATE TRIGGER users_raise_version AFTER UPDATE OF
    id, email, name, password_hash, email_verified_at, is_pending, role, created_at, updated_at
ON users FOR EACH ROW BEGIN
    UPDATE users SET version = OLD.version + 1 WHERE id = NEW.id;
END;
