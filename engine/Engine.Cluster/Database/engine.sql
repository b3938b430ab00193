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
