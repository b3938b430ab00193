using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>Finds the password of a source; nothing else of the product holds it.</summary>
internal static class SourcePassword
{
    /// <summary>
    /// The password from the named environment variable, or the named file without its last line end. Errors:
    /// <see cref="TableException"/> when it is absent or empty.
    /// </summary>
    public static string Find(DataSource source)
    {
        if (source.PasswordEnv is { } variable)
        {
            return Environment.GetEnvironmentVariable(
                variable) is { Length: > 0 } value ? value : throw new TableException(
                $"the environment variable {variable} is not set: "
                + $"the password of {source.User} at {source.Place()} was expected " +
                $"in it. Set it without leaving it in the shell's history: read -rs {variable} && export {variable}");
        }

        try
        {
            var text = File.ReadAllText(source.PasswordFile!);
            text = text.EndsWith('\n') ? text[..^1] : text;
            text = text.EndsWith('\r') ? text[..^1] : text;
            return text.Length > 0 ? text : throw new TableException(
                $"the password file {source.PasswordFile} is empty: write the password of {source.User} into it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TableException(
                $"the password file {source.PasswordFile} cannot be read: "
                + $"{e.Message} Check password_file and who may read it.",
                e);
        }
    }
}
