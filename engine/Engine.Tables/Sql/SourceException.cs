using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>A source refused or failed; the message says what was found, what was expected and what to do.</summary>
public sealed class SourceException : TableException
{
    /// <summary>An error of a kind.</summary>
    public SourceException(SourceFault fault, string message, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
    }

    /// <summary>What kind of failure it is.</summary>
    public SourceFault Fault { get; }

    /// <summary>Whether the same attempt may succeed in a moment.</summary>
    public bool IsTransient =>
        Fault is SourceFault.Unreachable or SourceFault.ConnectionLost or SourceFault.TooBusy or SourceFault.Timeout;
}

/// <summary>The kinds of failure of a source, each with its own remedy.</summary>
public enum SourceFault
{
    /// <summary>Anything the others do not name.</summary>
    Other,

    /// <summary>The host name has no address.</summary>
    UnknownHost,

    /// <summary>Nothing answers at the host and port.</summary>
    Unreachable,

    /// <summary>The server does not speak TLS.</summary>
    NoTls,

    /// <summary>The server takes only TLS.</summary>
    TlsDemanded,

    /// <summary>The certificate's authority is not trusted.</summary>
    UntrustedCertificate,

    /// <summary>The certificate is not yet or no longer valid.</summary>
    ExpiredCertificate,

    /// <summary>The certificate is for another host.</summary>
    WrongHostCertificate,

    /// <summary>User or password is wrong.</summary>
    WrongPassword,

    /// <summary>The database does not exist or is closed to the user.</summary>
    NoDatabase,

    /// <summary>The table does not exist.</summary>
    NoTable,

    /// <summary>A column does not exist.</summary>
    NoColumn,

    /// <summary>The user lacks a privilege.</summary>
    NoPrivilege,

    /// <summary>The server has no connection or query slot free.</summary>
    TooBusy,

    /// <summary>The answer took too long.</summary>
    Timeout,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>The server takes no writes, or has no room.</summary>
    NotWritable,

    /// <summary>A value does not fit its column.</summary>
    BadValue,

    /// <summary>The table changed while it was read, or counts differ.</summary>
    Changed,
}
