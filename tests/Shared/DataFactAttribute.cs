namespace Tests.Shared;

/// <summary>
/// A fact that needs a folder of the real data beside the checkout and is skipped, with the reason, without it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    /// <param name="set">The folder below <c>../shared/data</c>, for instance <c>gowalla</c>.</param>
    public DataFactAttribute(string set)
    {
        Set = set;
        if (!Directory.Exists(TestData.Folder(set)))
        {
            Skip = $"the data set '{set}' is not at {TestData.Folder(set)}";
        }
    }

    /// <summary>The data set's folder name.</summary>
    public string Set { get; }
}
