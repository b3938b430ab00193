using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Who may call: keys by name, with scopes and their last use.</summary>
internal static class AccessScreen
{
    /// <summary>Where it is.</summary>
    public const string Path = "/access";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, async (EngineCalls calls) =>
        Page.Of<AccessPage>(
            await calls.Admin.ListKeysAsync(new ListKeysRequest(), cancellationToken: calls.Cancellation)));
}
