using System.Globalization;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;

namespace Trainer.Checks;

/// <summary>Checks a source as extraction will use it, in a few queries, and reports what must be fixed.</summary>
internal sealed class SourceCheck(SqlSource source, CheckReport report)
{
    private static readonly string[] NeededToWrite = ["CREATE", "INSERT", "DELETE", "ALTER", "DROP"];

    /// <summary>Checks the connection: reachable, user, database, TLS in force, version.</summary>
    /// <returns>Whether further checks make sense.</returns>
    public bool CheckConnection()
    {
        try
        {
            source.Query("pinging the server", "SELECT 1");
            report.Good($"connected to {source.Settings.Place()} as {source.Settings.User}");
            CheckTls();
            report.Good($"{(source.Settings.Kind == SourceKind.Adb ? "kernel" : "server")} version {FindVersion()}");
            return true;
        }
        catch (SourceException e)
        {
            report.Fail(e.Message);
            return false;
        }
    }

    /// <summary>Checks what the user may do.</summary>
    public void CheckPrivileges()
    {
        try
        {
            var grants = source.Query("reading the privileges", "SHOW GRANTS").Select(row => row[0] ?? "").ToList();
            var granted = string.Join(' ', grants).ToUpperInvariant();
            var missing = NeededToWrite
                .Where(privilege => !granted.Contains(privilege, StringComparison.Ordinal))
                .ToList();
            if (granted.Contains("ALL PRIVILEGES", StringComparison.Ordinal) || missing.Count == 0)
            {
                report.Good("privileges: may read, and write results back");
            }
            else
            {
                report.Good(
                    "privileges: may read where tables are listed below; to write results back, "
                    + $"{string.Join(", ", missing)} are missing");
            }
        }
        catch (SourceException e)
        {
            report.Warn($"the privileges cannot be listed: {e.Message}");
        }
    }

    /// <summary>Checks that a table is there and has the mapped columns.</summary>
    /// <returns>The types of the mapped columns by name; null when something is missing.</returns>
    public IReadOnlyDictionary<string, ColumnType>? CheckColumns(
        string table, IReadOnlyList<(string Role, string Column)> roles)
    {
        if (source.Settings.Kind == SourceKind.Adb && table.Any(char.IsUpper))
        {
            report.Fail(
                $"the table name '{table}' has capital letters: names in ADB are lower case. "
                + "Correct it in the dataset.");
            return null;
        }

        var wanted = MappedColumns.Distinct(roles);
        try
        {
            using var rows = source.Read(table, wanted, "1 = 0");
            report.Good($"table {table}: {string.Join(", ", roles.Select(pair => $"{pair.Column} ({pair.Role})"))}");
            return rows.Compared;
        }
        catch (SourceException e) when (e.Fault == SourceFault.NoColumn)
        {
            ReportMissing(table, wanted, e);
        }
        catch (TableException e)
        {
            report.Fail(e.Message);
        }

        return null;
    }

    /// <summary>Checks the columns' types against what they are mapped to.</summary>
    public void CheckTypes(
        DatasetDefinition definition,
        IReadOnlyDictionary<string, ColumnType> behavior,
        IReadOnlyDictionary<string, ColumnType> product)
    {
        var time = behavior[definition.Behavior.Time];
        var unix = definition.Behavior.TimeFormat is TimeParser.UnixSeconds or TimeParser.UnixMilliseconds
            or TimeParser.UnixMicroseconds or TimeParser.UnixNanoseconds or TimeParser.ExcelSerial;
        if (time == ColumnType.Time && definition.Behavior.TimeFormat != TimeParser.Auto)
        {
            report.Warn(
                $"{definition.Behavior.Time} is a time column already: "
                + $"time_format {definition.Behavior.TimeFormat} is not used.");
        }
        else if (time is ColumnType.WholeNumber or ColumnType.Number && !unix)
        {
            report.Fail(
                $"{definition.Behavior.Time} is a number column: set behavior.time_format to {TimeParser.UnixSeconds} "
                + $"or {TimeParser.UnixMilliseconds}, or map a time column.");
        }

        foreach (var tag in definition.Product.Tags)
        {
            var found = product[tag.Column];
            var odd = tag.Type switch
            {
                TagType.Number => found == ColumnType.Time,
                TagType.Date => found is ColumnType.Number,
                TagType.Multi => found != ColumnType.Text,
                _ => false,
            };
            if (odd)
            {
                report.Fail(
                    $"the tag {tag.Column} is mapped as {tag.Type}, its column is of the type {found}: "
                    + "correct product.tags.");
            }
        }
    }

    private void CheckTls()
    {
        var cipher = "";
        try
        {
            cipher =
                source.Query("reading the TLS status", "SHOW SESSION STATUS LIKE 'Ssl_cipher'") is [[_, { } found], ..]
                    ? found
                    : "";
        }
        catch (SourceException) when (source.Mode > TlsMode.Off)
        {
            cipher = "in force, because the connection requires it";
        }

        if (cipher.Length > 0)
        {
            var verified = source.Mode is TlsMode.VerifyCa or TlsMode.VerifyFull ? "with" : "without";
            report.Good($"TLS {verified} a verified certificate: {cipher}");
        }
        else if (source.Settings.IsLoopback())
        {
            report.Good("no TLS, on this machine only");
        }
        else
        {
            report.Warn(
                "no TLS: password and data are readable on the network. "
                + "Set tls.mode to verify_ca and name tls.ca_file.");
        }
    }

    private string FindVersion()
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return source.Query("reading the version", source.Dialect.VersionQueries[i])[0][0] ?? "unknown";
            }
            catch (SourceException e) when (!e.IsTransient && i + 1 < source.Dialect.VersionQueries.Count)
            {
                // The next query is a more basic one.
            }
        }
    }

    private void ReportMissing(string table, string[] wanted, SourceException e)
    {
        var all = source.Describe(table).Select(column => column.Name).ToList();
        var missing = wanted.Except(all, StringComparer.Ordinal).ToList();
        report.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"table {table} has no column {string.Join(", ", missing)}; its columns are {string.Join(", ", all)}. "
            + $"Correct the mapping. ({e.Fault})"));
    }
}
