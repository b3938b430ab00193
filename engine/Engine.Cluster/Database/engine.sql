-- What the nodes share beside the membership. Running this twice changes nothing.

-- One row for each workspace. Whoever changes a document counts changes up in the same transaction: the row's lock makes
-- the order of the counts the order of the commits, so that nobody who follows them misses one.
CREATE TABLE IF NOT EXISTS engine_workspace (
  cluster VARCHAR(64) NOT NULL,
  name VARCHAR(64) NOT NULL,
  changes BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (cluster, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A file of a workspace's folder: pools, placements, audiences, blocked products, the policy, forgotten people. A
-- deleted one keeps its row, so that every node deletes it.
CREATE TABLE IF NOT EXISTS engine_document (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  path VARCHAR(255) NOT NULL,
  version BIGINT NOT NULL,
  change_number BIGINT NOT NULL,
  deleted TINYINT NOT NULL,
  sha256 CHAR(64) NOT NULL,
  PRIMARY KEY (cluster, workspace, path),
  KEY by_change (cluster, workspace, change_number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Its bytes, in parts that fit a packet of the server.
CREATE TABLE IF NOT EXISTS engine_document_part (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  path VARCHAR(255) NOT NULL,
  part INT NOT NULL,
  bytes MEDIUMBLOB NOT NULL,
  PRIMARY KEY (cluster, workspace, path, part)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What proves that a caller of a node's peer port belongs to the cluster: who reads this may read the snapshots.
CREATE TABLE IF NOT EXISTS engine_cluster (
  cluster VARCHAR(64) NOT NULL PRIMARY KEY,
  secret CHAR(64) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Where the other nodes fetch the snapshots of a node.
CREATE TABLE IF NOT EXISTS engine_node (
  cluster VARCHAR(64) NOT NULL,
  node VARCHAR(64) NOT NULL,
  peer VARCHAR(255) NOT NULL,
  PRIMARY KEY (cluster, node)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A snapshot by its content: the SHA-256 of each chunk, and that of all these hashes as its name.
CREATE TABLE IF NOT EXISTS engine_snapshot (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  id VARCHAR(64) NOT NULL,
  content CHAR(64) NOT NULL,
  length BIGINT NOT NULL,
  chunk_bytes INT NOT NULL,
  hashes MEDIUMBLOB NOT NULL,
  PRIMARY KEY (cluster, workspace, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What all nodes serve, and what is offered to be served next. Every change names the version that it replaces.
CREATE TABLE IF NOT EXISTS engine_fleet (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  version BIGINT NOT NULL,
  served VARCHAR(64) NULL,
  offered VARCHAR(64) NULL,
  forced TINYINT NOT NULL,
  shared VARCHAR(64) NULL,
  PRIMARY KEY (cluster, workspace)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What each node has verified and warmed, or why not; and what it serves.
CREATE TABLE IF NOT EXISTS engine_ready (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  node VARCHAR(64) NOT NULL,
  snapshot VARCHAR(64) NOT NULL,
  problem VARCHAR(1000) NULL,
  served VARCHAR(64) NULL,
  PRIMARY KEY (cluster, workspace, node)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A result that all nodes work on. The row publishes it: state 0 is open, 1 published, 2 given up. Record is what the
-- task's node wrote of its end, so that any node can store it when that one dies.
CREATE TABLE IF NOT EXISTS engine_task (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  task VARCHAR(64) NOT NULL,
  fingerprint CHAR(64) NOT NULL,
  state TINYINT NOT NULL DEFAULT 0,
  record MEDIUMTEXT NULL,
  PRIMARY KEY (cluster, workspace, task)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Its parts, and as the last one its assembly. A part is its owner's until the lease ends. Each claim has a new epoch,
-- which names the file of the part, and only the last epoch commits.
CREATE TABLE IF NOT EXISTS engine_task_part (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  task VARCHAR(64) NOT NULL,
  part INT NOT NULL,
  epoch INT NOT NULL DEFAULT 0,
  owner VARCHAR(128) NULL,
  lease_until DATETIME(6) NOT NULL DEFAULT '2000-01-01',
  committed TINYINT NOT NULL DEFAULT 0,
  row_count INT NOT NULL DEFAULT 0,
  length BIGINT NOT NULL DEFAULT 0,
  crc INT UNSIGNED NOT NULL DEFAULT 0,
  detail MEDIUMBLOB NULL,
  PRIMARY KEY (cluster, workspace, task, part),
  KEY by_lease (cluster, workspace, task, committed, lease_until)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Nodes that could not work on a task at their last try: a damaged copy of its snapshot, or too little memory. A row counts
-- while the task has as many committed parts as when it was written; tries are those in a row.
CREATE TABLE IF NOT EXISTS engine_task_refusal (
  cluster VARCHAR(64) NOT NULL,
  workspace VARCHAR(64) NOT NULL,
  task VARCHAR(64) NOT NULL,
  node VARCHAR(64) NOT NULL,
  tries INT NOT NULL,
  committed INT NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  refused_at DATETIME(6) NOT NULL,
  PRIMARY KEY (cluster, workspace, task, node)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
