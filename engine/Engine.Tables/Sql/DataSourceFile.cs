using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Reads source files: snake_case keys, comments allowed, unknown keys refused, a password refused above all.
/// </summary>
public static class DataSourceFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>
    /// Reads a source and makes its paths absolute. Errors: <see cref="TableException"/> with what was found and
    /// expected; no message quotes a value of the file.
    /// </summary>
    public static DataSource Read(string path)
    {
        DataSource source;
        try
        {
            var text = File.ReadAllText(path);
            RefusePassword(path, text);
            source = JsonSerializer.Deserialize<DataSource>(text, Options)
                ?? throw Wrong(path, "is empty", "an object with host, database and user was expected");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TableException(
                $"{path} cannot be read: {e.Message} Write one with host, port, database, user and password_env.", e);
        }
        catch (JsonException e)
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: line {(e.LineNumber ?? 0) + 1}, at {e.Path ?? "$"}: "
                    + $"not what a source file holds. Its keys are " +
                    $"{Keys(typeof(DataSource))}; those of tls are {Keys(typeof(TlsSettings))}; "
                    + $"required are host, database and user."), e);
        }

        Check(path, source);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return source with
        {
            PasswordFile = Rebase(folder, source.PasswordFile),
            Tls = source.Tls with { CaFile = Rebase(folder, source.Tls.CaFile) },
        };
    }

    private static void RefusePassword(string path, string text)
    {
        using var document = JsonDocument.Parse(
            text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.EnumerateObject().Any(
                key => key.Name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() is "PASSWORD" or "PWD"))
        {
            throw Wrong(
                path, "holds a password",
                "a password is taken from the environment or a file only: remove it, change it on the server, "
                + "and name password_env or password_file");
        }
    }

    private static void Check(string path, DataSource source)
    {
        if ((source.PasswordEnv is null) == (source.PasswordFile is null))
        {
            throw Wrong(
                path,
                $"names {(source.PasswordEnv is null ? "neither" : "both")} of password_env and password_file",
                "name one of them");
        }

        Range(path, "port", source.Port, 1, 65535);
        Range(path, "connect_seconds", source.ConnectSeconds, 1, 300);
        Range(path, "query_seconds", source.QuerySeconds, 1, 86400);
        foreach (var (key, value) in new[]
        {
            ("host", source.Host),
            ("database", source.Database),
            ("user", source.User),
        })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                throw Wrong(path, $"has an empty {key}", $"give it a {key}");
            }
        }

        if (!source.CharacterSet.All(char.IsAsciiLetterOrDigit))
        {
            throw Wrong(path, "has an unusable character_set", "utf8mb4 or utf8 was expected");
        }
    }

    private static void Range(string path, string key, int value, int from, int to)
    {
        if (value < from || value > to)
        {
            throw Wrong(
                path,
                string.Create(CultureInfo.InvariantCulture, $"has {key} = {value}"),
                string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to} was expected"));
        }
    }

    private static TableException Wrong(string path, string found, string next) => new($"{path} {found}: {next}.");

    private static string? Rebase(string folder, string? file) =>
        file is null ? null : Path.GetFullPath(Path.Combine(folder, file));

    private static string Keys(Type type) =>
        string.Join(
            ", ", type.GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)));
}
