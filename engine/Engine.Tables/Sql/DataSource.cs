using System.Globalization;
using System.Net;

namespace Engine.Tables.Sql;

/// <summary>
/// Where a brand's tables live, as a source file (source.json) says; read by <see cref="DataSourceFile"/>. It names
/// where the password is to be found and never holds it, so it may be printed and stored.
/// </summary>
public sealed record DataSource
{
    /// <summary>What answers: decides the SQL (<see cref="SqlDialect"/>).</summary>
    public SourceKind Kind { get; init; } = SourceKind.Adb;

    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port, 1..65535.</summary>
    public int Port { get; init; } = 3306;

    /// <summary>The database that holds the tables.</summary>
    public required string Database { get; init; }

    /// <summary>The account.</summary>
    public required string User { get; init; }

    /// <summary>The environment variable that holds the password; either this or <see cref="PasswordFile"/>.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>The file that holds the password and nothing else, relative to the source file.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>How the connection is protected.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>The character set of the session; ADB lists only <c>utf8</c>.</summary>
    public string CharacterSet { get; init; } = "utf8mb4";

    /// <summary>
    /// The session's time zone, such as <c>+08:00</c>, which TIMESTAMP columns follow; null leaves the server's.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>Whether a pooled connection is reset before it is used again; ADB may not know the command.</summary>
    public bool ConnectionReset { get; init; }

    /// <summary>Seconds to wait for a connection, 1..300.</summary>
    public int ConnectSeconds { get; init; } = 15;

    /// <summary>Seconds that a query may take, and that the server may be silent, 1..86400.</summary>
    public int QuerySeconds { get; init; } = 1800;

    /// <summary>Whether the host is this machine, by name or address.</summary>
    public bool IsLoopback() =>
        Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Host, port and database for a person.</summary>
    public string Place() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}/{Database}");
}

/// <summary>What kind of server a source is.</summary>
public enum SourceKind
{
    /// <summary>AnalyticDB for MySQL 3.0.</summary>
    Adb,

    /// <summary>MySQL or MariaDB.</summary>
    Mysql,
}

/// <summary>How a connection is protected.</summary>
public sealed record TlsSettings
{
    /// <summary>What is demanded of the server.</summary>
    public TlsMode Mode { get; init; } = TlsMode.Auto;

    /// <summary>
    /// Certificates of the authorities to trust, PEM, relative to the source file; null for the system's.
    /// </summary>
    public string? CaFile { get; init; }
}

/// <summary>What is demanded of the server's TLS.</summary>
public enum TlsMode
{
    /// <summary><see cref="VerifyCa"/>; on loopback without a CA file, TLS if the server offers it.</summary>
    Auto,

    /// <summary>No TLS: password and data can be read on the way.</summary>
    Off,

    /// <summary>TLS with any certificate: safe from listeners, not from impostors.</summary>
    Required,

    /// <summary>TLS with a valid certificate of a trusted authority.</summary>
    VerifyCa,

    /// <summary>The same, and the certificate names the host.</summary>
    VerifyFull,
}
