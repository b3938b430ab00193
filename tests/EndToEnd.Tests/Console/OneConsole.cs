namespace EndToEnd.Tests.Console;

/// <summary>The tests that look at one console: it is trained and started once.</summary>
[CollectionDefinition(Name)]
public sealed class OneConsole : ICollectionFixture<ConsoleSite>
{
    /// <summary>Of the collection.</summary>
    public const string Name = "console";
}
