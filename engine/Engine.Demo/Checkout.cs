namespace Engine.Demo;

/// <summary>The folder in which the user would type the commands.</summary>
internal static class Checkout
{
    /// <summary>
    /// The configuration that the demo, and so the programs beside it, were built in: the last folder of its path.
    /// </summary>
    public static string Configuration =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)) == "debug" ? "Debug" : "Release";

    /// <summary>The folder that holds Engine.sln.</summary>
    /// <exception cref="DemoException">The demo does not run from a checkout.</exception>
    public static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Engine.sln")))
            {
                return folder;
            }
        }

        throw new DemoException(
            $"found no Engine.sln above {AppContext.BaseDirectory}, expected a checkout: "
            + "run 'dotnet run -c Release --project engine/Engine.Demo' in one");
    }
}
