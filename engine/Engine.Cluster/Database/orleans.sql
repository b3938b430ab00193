-- The tables and statements of the membership of Orleans 10.4 in MySQL and MariaDB. Orleans reads its statements from
-- OrleansQuery by their keys; names of columns and parameters are its contract. Running this twice changes nothing.
CREATE TABLE IF NOT EXISTS OrleansQuery (
  QueryKey VARCHAR(64) NOT NULL PRIMARY KEY,
  QueryText VARCHAR(8000) NOT NULL
);

CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable (
  DeploymentId VARCHAR(150) NOT NULL PRIMARY KEY,
  Timestamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  Version INT NOT NULL DEFAULT 0
) ENGINE = InnoDB;

-- A row for each start of a node: its generation tells one start from the next.
CREATE TABLE IF NOT EXISTS OrleansMembershipTable (
  DeploymentId VARCHAR(150) NOT NULL,
  Address VARCHAR(45) NOT NULL,
  Port INT NOT NULL,
  Generation INT NOT NULL,
  SiloName VARCHAR(150) NOT NULL,
  HostName VARCHAR(150) NOT NULL,
  Status INT NOT NULL,
  ProxyPort INT NULL,
  SuspectTimes VARCHAR(8000) NULL,
  StartTime DATETIME NOT NULL,
  IAmAliveTime DATETIME NOT NULL,
  PRIMARY KEY (DeploymentId, Address, Port, Generation),
  FOREIGN KEY (DeploymentId) REFERENCES OrleansMembershipVersionTable (DeploymentId)
) ENGINE = InnoDB;

-- A new row and the next version of the table, together or not at all: an error must not leave a transaction open on a
-- connection that goes back to the pool.
DROP PROCEDURE IF EXISTS EngineInsertMember;

CREATE PROCEDURE EngineInsertMember (
  IN cluster_id VARCHAR(150), IN silo_address VARCHAR(45), IN silo_port INT, IN silo_generation INT,
  IN table_version INT, IN silo_name VARCHAR(150), IN host_name VARCHAR(150), IN silo_status INT,
  IN proxy_port INT, IN start_time DATETIME, IN alive_time DATETIME)
BEGIN
  DECLARE changed INT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;
  START TRANSACTION;
  UPDATE OrleansMembershipVersionTable SET Version = Version + 1
    WHERE DeploymentId = cluster_id AND Version = table_version;
  SET changed = ROW_COUNT();
  IF changed > 0 THEN
    INSERT IGNORE INTO OrleansMembershipTable
      (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
      VALUES (cluster_id, silo_address, silo_port, silo_generation, silo_name, host_name, silo_status, proxy_port,
        start_time, alive_time);
    SET changed = ROW_COUNT();
  END IF;
  IF changed > 0 THEN
    COMMIT;
  ELSE
    ROLLBACK;
  END IF;
  SELECT changed;
END;

REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey',
 'INSERT IGNORE INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId);
  SELECT ROW_COUNT();'),
('InsertMembershipKey',
 'CALL EngineInsertMember(@DeploymentId, @Address, @Port, @Generation, @Version, @SiloName, @HostName, @Status,
  @ProxyPort, @StartTime, @IAmAliveTime);'),
-- One statement over both tables: an absent row leaves the version as it is.
('UpdateMembershipKey',
 'UPDATE OrleansMembershipVersionTable v JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
  SET v.Version = v.Version + 1, m.Status = @Status, m.SuspectTimes = @SuspectTimes,
    m.IAmAliveTime = GREATEST(m.IAmAliveTime, @IAmAliveTime)
  WHERE v.DeploymentId = @DeploymentId AND v.Version = @Version
    AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation;
  SELECT ROW_COUNT() > 0;'),
('UpdateIAmAlivetimeKey',
 'UPDATE OrleansMembershipTable SET IAmAliveTime = GREATEST(IAmAliveTime, @IAmAliveTime)
  WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;'),
('GatewaysQueryKey',
 'SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
  WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;'),
-- The version comes back even when no row does.
('MembershipReadRowKey',
 'SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort,
    m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
  FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
    AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
  WHERE v.DeploymentId = @DeploymentId;'),
('MembershipReadAllKey',
 'SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort,
    m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
  FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
  WHERE v.DeploymentId = @DeploymentId;'),
('DeleteMembershipTableEntriesKey',
 'DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId;
  DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId;'),
('CleanupDefunctSiloEntriesKey',
 'DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND Status = 6
    AND IAmAliveTime < @IAmAliveTime AND StartTime < @IAmAliveTime AND COALESCE(SuspectTimes, '''') = '''';'),
('CleanupDefunctSiloEntryKey',
 'DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND Status = 6
    AND Address = @Address AND Port = @Port AND Generation = @Generation
    AND IAmAliveTime = @IAmAliveTime AND StartTime = @StartTime
    AND BINARY COALESCE(SuspectTimes, '''') = BINARY COALESCE(@SuspectTimes, '''');');
