-- The whole state.  Every table is keyed by (account, region); moments are seconds since 1970.
-- A change here needs a file in migrations/ that brings older state files to the same shape (see database.py).

PRAGMA application_id = 1164078129;    -- "Ebl1" in the header: the file is ours

-- buses, rules and targets: EventBridge's control plane -------------------------------------------------------

CREATE TABLE buses (
    account            TEXT NOT NULL,
    region             TEXT NOT NULL,
    name               TEXT NOT NULL,
    created            REAL NOT NULL,
    modified           REAL NOT NULL,
    description        TEXT,
    kms_key            TEXT,
    dead_letter_config TEXT,           -- JSON, AWS's member names
    log_config         TEXT,           -- JSON, AWS's member names
    policy             TEXT,           -- compact JSON
    managed_by         TEXT,
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

CREATE TABLE rules (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    bus         TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    created_by  TEXT NOT NULL,         -- the account that made it: another one when the bus allows it
    pattern     TEXT,
    schedule    TEXT,
    description TEXT,
    role_arn    TEXT,
    managed_by  TEXT,
    anchored    REAL,                  -- since when the schedule runs; NULL while it does not
    PRIMARY KEY (account, region, bus, name),
    FOREIGN KEY (account, region, bus) REFERENCES buses (account, region, name)
) WITHOUT ROWID;

CREATE INDEX scheduled_rules ON rules (account) WHERE anchored IS NOT NULL;

CREATE TABLE targets (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    bus     TEXT NOT NULL,
    rule    TEXT NOT NULL,
    id      TEXT NOT NULL,
    arn     TEXT NOT NULL,
    members TEXT NOT NULL,             -- JSON: the target as it was put, Id and Arn included
    PRIMARY KEY (account, region, bus, rule, id),
    FOREIGN KEY (account, region, bus, rule) REFERENCES rules (account, region, bus, name) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX rules_by_target ON targets (account, region, bus, arn, rule);

-- tags of whatever has an ARN; the number keeps the order in which they were put -------------------------------

CREATE TABLE tags (
    number  INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    arn     TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    UNIQUE (account, region, arn, key)
);

-- functions: what Lambda knows ----------------------------------------------------------------------------------
-- Whatever belongs to a function refers to it ON DELETE CASCADE, and so goes with it.

CREATE TABLE functions (
    account      TEXT NOT NULL,
    region       TEXT NOT NULL,
    name         TEXT NOT NULL,
    last_version INTEGER NOT NULL DEFAULT 0,   -- the number that was given last: none is given twice
    code_signing TEXT NOT NULL DEFAULT '',     -- ARN of its code signing configuration; empty: none
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

CREATE TABLE versions (
    account       TEXT NOT NULL,
    region        TEXT NOT NULL,
    function      TEXT NOT NULL,
    version       TEXT NOT NULL,       -- $LATEST, which every function has, or the number of a published one
    code          TEXT NOT NULL,       -- path of a .py file or a folder; empty: the archive
    archive       TEXT NOT NULL,       -- digest of its zip (archives.digest); empty: code
    code_sha256   TEXT NOT NULL,       -- as Lambda shows it; empty: to be measured
    code_size     INTEGER NOT NULL,
    handler       TEXT NOT NULL,       -- empty: to be found
    runtime       TEXT NOT NULL,
    executor      TEXT NOT NULL,       -- in-process, process; empty: in-process
    description   TEXT NOT NULL,
    environment   TEXT,                -- JSON object; NULL: none was given
    timeout       REAL NOT NULL,       -- seconds
    memory_mb     INTEGER NOT NULL,
    storage_mb    INTEGER NOT NULL,    -- of /tmp
    layers        TEXT NOT NULL,       -- JSON array of [ARN, digest of its zip, size of that]
    real_aws      TEXT NOT NULL,       -- JSON array of services
    dead_letters  TEXT NOT NULL,       -- ARN of the queue of its DeadLetterConfig; empty: none
    role          TEXT NOT NULL,
    settings      TEXT NOT NULL,       -- JSON: what is only recorded, by AWS's member names (VpcConfig, …)
    state         TEXT NOT NULL,       -- Pending, Active
    last_update   TEXT NOT NULL,       -- InProgress, Successful; empty: never updated
    modified      REAL NOT NULL,
    revision_id   TEXT NOT NULL,
    content       TEXT NOT NULL,       -- of a published version: digest of all that was published
    PRIMARY KEY (account, region, function, version),
    FOREIGN KEY (account, region, function) REFERENCES functions (account, region, name) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX unsettled ON versions (account) WHERE state = 'Pending' OR last_update = 'InProgress';

CREATE TABLE aliases (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    function    TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     TEXT NOT NULL,
    description TEXT NOT NULL,
    weights     TEXT NOT NULL,         -- JSON object: a further version -> its share of the invocations
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, function, name),
    FOREIGN KEY (account, region, function) REFERENCES functions (account, region, name) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE layers (
    account      TEXT NOT NULL,
    region       TEXT NOT NULL,
    name         TEXT NOT NULL,
    last_version INTEGER NOT NULL,         -- stays when all versions are gone: no number is given twice
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

CREATE TABLE layer_versions (
    account         TEXT NOT NULL,
    region          TEXT NOT NULL,
    layer           TEXT NOT NULL,
    version         INTEGER NOT NULL,
    archive         TEXT NOT NULL,         -- digest of its zip (archives.digest)
    code_size       INTEGER NOT NULL,
    description     TEXT NOT NULL,
    created         REAL NOT NULL,
    members         TEXT NOT NULL,         -- JSON: what it is said to fit, and its licence; AWS's member names
    policy          TEXT NOT NULL,         -- JSON array of statements
    policy_revision TEXT NOT NULL,
    PRIMARY KEY (account, region, layer, version),
    FOREIGN KEY (account, region, layer) REFERENCES layers (account, region, name)
) WITHOUT ROWID;

CREATE TABLE code_signing_configs (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    members     TEXT NOT NULL,             -- JSON, AWS's member names
    modified    REAL NOT NULL,
    PRIMARY KEY (account, region, id)
) WITHOUT ROWID;

CREATE TABLE archives (                -- zip files, of functions and layers
    digest   TEXT PRIMARY KEY,         -- SHA-256, hex
    unzipped INTEGER NOT NULL,         -- bytes of what is in it
    content  BLOB NOT NULL
);

-- what is set about a function beside its versions: its policy, URL, concurrency, retries and destinations, … -----

CREATE TABLE function_settings (
    kind      TEXT NOT NULL,           -- see settings.py
    account   TEXT NOT NULL,
    region    TEXT NOT NULL,
    function  TEXT NOT NULL,
    qualifier TEXT NOT NULL,           -- $LATEST, a version or an alias; empty: of the function as a whole
    members   TEXT NOT NULL,           -- JSON object
    created   REAL NOT NULL,
    modified  REAL NOT NULL,
    PRIMARY KEY (account, region, function, qualifier, kind),
    FOREIGN KEY (account, region, function) REFERENCES functions (account, region, name) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX function_urls ON function_settings (json_extract(members, '$.UrlId')) WHERE kind = 'url';

-- capacity providers: what Lambda's managed instances would run on ---------------------------------------------

CREATE TABLE capacity_providers (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    name     TEXT NOT NULL,
    members  TEXT NOT NULL,            -- JSON, AWS's member names
    modified REAL NOT NULL,
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

-- what config.yaml made, so that applying it again can take away what it no longer names ------------------------
-- No foreign keys: what was made may be gone through the API.

CREATE TABLE applied (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    kind    TEXT NOT NULL,             -- bus, function, queue, rule, setting, target
    name    TEXT NOT NULL,
    bus     TEXT NOT NULL,             -- empty for a function and a queue
    target  TEXT NOT NULL,             -- its id; of a setting, its kind; empty for the others
    PRIMARY KEY (account, region, kind, name, bus, target)
) WITHOUT ROWID;

-- the way of an event: what came in, what is to be delivered of it, and every attempt --------------------------
-- No foreign keys and no indexes here: these rows are written thousands of times a second, by one module that keeps
-- them straight, and there are only so many of them (see Deliveries.trim) that whoever looks may read them all.

CREATE TABLE received (
    id       INTEGER PRIMARY KEY,
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    bus      TEXT NOT NULL,
    event_id TEXT NOT NULL,
    envelope TEXT NOT NULL,            -- compact JSON
    at       REAL NOT NULL,
    verdict  TEXT NOT NULL,            -- matched, unmatched, unknown_bus
    trace    TEXT,
    rules    TEXT NOT NULL,            -- names of those that matched, with blanks between them
    cause    TEXT                      -- how the request id of the invocation begins whose handler put it
);

CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY,
    received   INTEGER,                -- NULL: an asynchronous invocation, not an event
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    bus        TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    rule       TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    target_arn TEXT NOT NULL,
    payload    TEXT NOT NULL,
    problem    TEXT,                   -- why the payload cannot be sent at all
    trace      TEXT,
    request_id TEXT NOT NULL,
    attempts   INTEGER NOT NULL,       -- how many have ended
    created    REAL NOT NULL,
    due        REAL NOT NULL,
    taken      REAL,                   -- since when it is Lambda's: its queue has accepted it
    state      TEXT NOT NULL DEFAULT 'pending',  -- pending (or running), delivered, failed
    condition  TEXT                    -- of one that failed: the word for why it was given up
);

CREATE TABLE attempts (
    id            INTEGER PRIMARY KEY,
    delivery      INTEGER,             -- NULL: a direct invocation
    account       TEXT NOT NULL,
    region        TEXT NOT NULL,
    target_arn    TEXT NOT NULL,
    number        INTEGER NOT NULL,
    request_id    TEXT NOT NULL,
    started       REAL NOT NULL,
    ended         REAL NOT NULL,
    status        TEXT NOT NULL,       -- success, retryable, throttled, permanent
    error_type    TEXT,
    error_message TEXT,
    payload       BLOB NOT NULL,
    log           TEXT NOT NULL,
    place         TEXT,                -- the user's own line that failed
    cause         TEXT,                -- of a direct invocation: as in received
    input         TEXT,                -- of a direct invocation: its payload
    by            TEXT NOT NULL,       -- whose attempt it was: eventbridge or lambda
    duplicate     TEXT,                -- NULL; of a second copy: whose fault that is, as in by
    note          TEXT                 -- what AWS would have said to it
);

-- queues: where dead letters and a rule's messages lie until somebody reads them -------------------------------

CREATE TABLE queues (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    name    TEXT NOT NULL,
    created REAL NOT NULL,
    sent    INTEGER NOT NULL DEFAULT 0,     -- how many messages ever came
    dropped INTEGER NOT NULL DEFAULT 0,     -- how many of them went because the queue was full
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

CREATE TABLE messages (
    id         INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    queue      TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body       TEXT NOT NULL,
    attributes TEXT NOT NULL,               -- JSON: name -> {DataType, StringValue}
    system     TEXT NOT NULL,               -- JSON: name -> text
    sent       REAL NOT NULL
);

CREATE INDEX messages_of ON messages (account, region, queue, id);

-- letters: what was sent on when a delivery had ended: dead letters, and the records of a function's destinations

CREATE TABLE letters (
    id            INTEGER PRIMARY KEY,
    delivery      INTEGER NOT NULL,
    by            TEXT NOT NULL,            -- eventbridge or lambda
    kind          TEXT NOT NULL,            -- dlq, on_failure, on_success
    target_arn    TEXT NOT NULL,
    at            REAL NOT NULL,
    status        TEXT NOT NULL,            -- success or permanent
    error_type    TEXT,
    error_message TEXT,
    reference     TEXT                      -- id of the message, event or request that it became
);

-- forwards: how many hops from bus to bus an event has behind it; only of those that have any ------------------

CREATE TABLE forwards (
    received INTEGER PRIMARY KEY,
    local    INTEGER NOT NULL,              -- hops within a region
    regional INTEGER NOT NULL               -- hops to another region
);
