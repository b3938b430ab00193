namespace Tests.Shared;

/// <summary>Where tests find the checkout and the real data beside it.</summary>
internal static class TestData
{
    /// <summary>The folder that holds Engine.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of one real data set; it need not exist.</summary>
    public static string Folder(string set) => Path.Combine(Root, "..", "shared", "data", set);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Engine.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException(
            $"no Engine.sln above {AppContext.BaseDirectory}: run tests from a checkout");
    }
}
