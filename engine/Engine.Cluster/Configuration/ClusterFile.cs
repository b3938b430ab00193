using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engine.Cluster.Configuration;

/// <summary>Reads cluster.json: snake_case keys, comments allowed, unknown keys refused.</summary>
public static class ClusterFile
{
    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    }.Whole();

    /// <summary>The settings of a file, checked, with absolute paths.</summary>
    /// <exception cref="InputException">It cannot be read, or a value is outside its range.</exception>
    public static ClusterSettings Read(string path)
    {
        try
        {
            var settings = JsonSerializer.Deserialize<ClusterSettings>(File.ReadAllText(path), Json)
                ?? throw new JsonException("it is empty");
            settings = settings with
            {
                Node = FromEnvironment(path, "node", settings.Node, settings.NodeEnv),
                Address = FromEnvironment(path, "address", settings.Address, settings.AddressEnv),
            };
            Check(path, settings);
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return settings with
            {
                Database = Path.GetFullPath(Path.Combine(folder, settings.Database)),
                Shared = settings.Shared.Length == 0 ? "" : Path.GetFullPath(Path.Combine(folder, settings.Shared)),
            };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            var keys = typeof(ClusterSettings).GetProperties().Where(property => property.CanWrite)
                .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            throw new InputException(
                $"cannot read the cluster file {path}: {e.Message.TrimEnd('.')}. Known keys: {string.Join(", ", keys)}",
                e);
        }
    }

    private static void Check(string path, ClusterSettings settings)
    {
        Name(path, "cluster", settings.Cluster);
        Name(path, "node", settings.Node);
        Between(path, "silo_port", settings.SiloPort, 1, 65535);
        Between(path, "peer_port", settings.PeerPort, 1, 65535);
        Between(path, "lease_seconds", settings.LeaseSeconds, 5, 600);
        Between(path, "probe_seconds", settings.ProbeSeconds, 1, 60);
        Between(path, "missed_probes", settings.MissedProbes, 1, 10);
        Between(path, "votes", settings.Votes, 1, 10);
        Between(path, "poll_milliseconds", settings.PollMilliseconds, 50, 5_000);
        if (!IPAddress.TryParse(settings.Address, out var address) || address.Equals(IPAddress.Any)
            || address.Equals(IPAddress.IPv6Any))
        {
            throw new InputException(
                $"{path}: found address '{settings.Address}'; expected the IP address at which the other nodes reach "
                + "this one");
        }
    }

    private static string FromEnvironment(string path, string key, string value, string variable) =>
        variable.Length == 0 ? value
        : value.Length > 0 ? throw new InputException($"{path}: found {key} and {key}_env; expected one of them")
        : Environment.GetEnvironmentVariable(variable) ?? throw new InputException(
            $"{path}: the environment variable {variable} of {key}_env is not set");

    private static void Name(string path, string key, string name)
    {
        if (name.Length is 0 or > 64 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new InputException($"{path}: found {key} '{name}'; expected 1..64 letters, digits, '-' or '_'");
        }
    }

    private static void Between(string path, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new InputException($"{path}: found {key} {value}; expected {least} to {most}");
        }
    }
}
