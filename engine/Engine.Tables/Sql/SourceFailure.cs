using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using MySqlConnector;

namespace Engine.Tables.Sql;

/// <summary>Turns what the driver throws into a <see cref="SourceException"/> with a remedy.</summary>
internal static class SourceFailure
{
    /// <summary>Whether an exception comes from the server, the driver or the network.</summary>
    public static bool Concerns(Exception e) =>
        e is MySqlException or IOException or SocketException or TimeoutException
        or AuthenticationException or OverflowException or FormatException or InvalidCastException
        || (e is InvalidOperationException && e.Source == "MySqlConnector");

    /// <summary>The failure of one action.</summary>
    /// <param name="source">The source.</param>
    /// <param name="action">What was tried, for a person: <c>reading table behavior</c>.</param>
    /// <param name="e">What was thrown.</param>
    public static SourceException Explain(DataSource source, string action, Exception e)
    {
        var (fault, remedy) = Classify(source, e);
        return new SourceException(fault, $"{action} at {source.Place()} failed: {Said(e)} {remedy}", e);
    }

    private static (SourceFault Fault, string Remedy) Classify(DataSource source, Exception e) =>
        e is MySqlException sql
        ? (int)sql.ErrorCode switch
        {
            1045 or 1698 or 1862 =>
                (SourceFault.WrongPassword, $"Check user '{source.User}', the password in {PasswordPlace(source)}, "
                    + "and from where the account may connect."),
            1044 or 1049 =>
                (
                    SourceFault.NoDatabase,
                    $"Check the database name '{source.Database}' and ask for GRANT SELECT on it to '{source.User}'."),
            1146 or 1051 =>
                (
                    SourceFault.NoTable,
                    "Check the table's name in the dataset (ADB names are lower case) and the database of the source."),
            1054 => (SourceFault.NoColumn, "Correct the mapping: `trainer source check` lists the table's columns."),
            1142 or 1143 or 1227 or 1370 =>
                (
                    SourceFault.NoPrivilege,
                    $"Ask for the privilege that is named, to '{source.User}'; "
                    + "`trainer source check` lists what is needed."),
            1040 or 1203 or 1226 or 1135 =>
                (SourceFault.TooBusy, "Use fewer --streams, or try again when the server has connections free."),
            1205 or 1213 or 1317 or 1969 or 3024 or (int)MySqlErrorCode.CommandTimeoutExpired =>
                (
                    SourceFault.Timeout,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The limit is query_seconds = {source.QuerySeconds}: "
                        + $"raise it, or use smaller slices (--slice-rows).")),
            3159 => (SourceFault.TlsDemanded, "Set tls.mode to verify_ca and tls.ca_file to the server's authority."),
            1290 or 1836 or 1021 or 1114 or 3101 =>
                (SourceFault.NotWritable, "The server takes no writes now: check for read-only mode and free space."),
            1062 or 1264 or 1265 or 1292 or 1366 or 1406 or 1048 or 1153 or 1071 =>
                (SourceFault.BadValue, "Compare the table's column types with the file's values."),
            1053 or 1077 or 1079 or 1152 or 1158 or 1159 or 1160 or 1161 or 1184 or 1927 or 2006 or 2013 or 2055 =>
                Lost(),
            _ => FromCause(source, sql),
        }
        : FromCause(source, e);

    private static (SourceFault Fault, string Remedy) FromCause(DataSource source, Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException socket when IsUnreachable(socket.SocketErrorCode):
                    return (
                        SourceFault.Unreachable,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Nothing answers at {source.Host}:{source.Port}: check host, port and that this machine "
                            + $"is on "
                            + $"the server's allow list."));
                case SocketException or EndOfStreamException:
                case IOException when e is not MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost }:
                    return Lost();
                case TimeoutException:
                    return (
                        SourceFault.Timeout,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The limit is query_seconds = {source.QuerySeconds}: "
                            + $"raise it, or use smaller slices (--slice-rows)."));
            }
        }

        if (e is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost } && !HasAddress(source.Host))
        {
            return (SourceFault.UnknownHost, $"The name '{source.Host}' has no address: check host.");
        }

        return e.Message.Contains("SSL", StringComparison.Ordinal) || e.InnerException is AuthenticationException
            ? (
                SourceFault.NoTls,
                "The server offers no TLS: switch it on there, or set tls.mode to off where listeners are no danger.")
            : e is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost }
                ? (SourceFault.Unreachable, string.Create(
                        CultureInfo.InvariantCulture,
                        $"Nothing answers at {source.Host}:{source.Port} within connect_seconds = "
                        + $"{source.ConnectSeconds}: check host, port and that this machine is on the server's allow "
                        + $"list."))
                : e.Message.Contains("failed to read", StringComparison.OrdinalIgnoreCase)
                    || e.Message.Contains("Connection", StringComparison.Ordinal)
                    ? Lost()
                    : (SourceFault.Other, "Look at the server's log.");
    }

    /// <summary>The driver does not say why it found nobody.</summary>
    private static bool IsUnreachable(SocketError error) => error is SocketError.ConnectionRefused
        or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TimedOut;

    private static bool HasAddress(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host).Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static (SourceFault Fault, string Remedy) Lost() =>
        (
            SourceFault.ConnectionLost,
            "The connection broke: check the server and the network, then run the same command again.");

    private static string PasswordPlace(DataSource source) =>
        source.PasswordEnv is { } variable ? $"the environment variable {variable}" : $"the file {source.PasswordFile}";

    private static string Said(Exception e)
    {
        var said = e.Message.TrimEnd();
        var cause = e.InnerException is { } inner && !said.Contains(inner.Message, StringComparison.Ordinal)
            ? $" ({inner.Message.TrimEnd('.')})"
            : "";
        return said.TrimEnd('.') + cause + ".";
    }
}
