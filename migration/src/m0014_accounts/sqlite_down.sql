DROP TRIGGER users_raise_version;

CREATE TRIGGER users_raise_version AFTER UPDATE OF
    id, email, name, created_at, updated_at
ON users FOR EACH ROW BEGIN
    UPDATE users SET version = OLD.version + 1 WHERE id = NEW.id;
END;

DROP INDEX users_pending_created_at_idx;

ALTER TABLE users DROP COLUMN role;
ALTER TABLE users DROP COLUMN is_pending;
ALTER TABLE users DROP COLUMN email_verified_at;
ALTER TABLE users DROP COLUMN password_hash;
