using Engine.Server.Access;
using Engine.Server.Configuration;

namespace EndToEnd.Tests.Access;

/// <summary>Keys for tests.</summary>
internal static class Keys
{
    /// <summary>Makes a key in a snapshot root.</summary>
    public static string Add(
        string root, string name, string[] scopes, string[]? workspaces = null, DateTimeOffset? expires = null)
    {
        var (key, id, hash) = ApiKey.Create();
        var now = TimeProvider.System.GetUtcNow();
        File(root).Add(new StoredKey(id, name, hash, scopes, workspaces ?? ["default"], now, expires), now);
        return key;
    }

    /// <summary>The file of keys of a snapshot root.</summary>
    public static KeyFile File(string root) => new(KeyFile.PathOf(root, ""));

    /// <summary>Reads the keys now, as the watcher does within a second.</summary>
    public static void Reload(this RunningEngine engine) =>
        ((KeyRing)engine.Parts.GetService(typeof(KeyRing))!).Refresh();

    /// <summary>Starts an engine whose root has a key already.</summary>
    public static Action<ServerOptions> With(Action<string> addKeys, Action<ServerOptions>? more = null) => options =>
    {
        addKeys(options.Snapshots);
        more?.Invoke(options);
    };
}
