namespace Engine.WebConsole.Screens;

/// <summary>All routes of the console.</summary>
internal static class ScreenMap
{
    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        AssetFiles.Map(app);
        var pages = app.MapGroup("").AddEndpointFilter(Page.CatchRefusals);
        SignIn.Map(pages);
        Home.Map(pages);
        Push.Map(pages);
        GoesWith.Map(pages);
        ProductScreen.Map(pages);
        Pools.Map(pages);
        Placements.Map(pages);
        Audiences.Map(pages);
        NewTask.Map(pages);
        TaskScreen.Map(pages);
        CampaignResult.Map(pages);
        Customer.Map(pages);
        SnapshotScreen.Map(pages);
        Training.Map(pages);
        Traffic.Map(pages);
        AccessScreen.Map(pages);
        AuditScreen.Map(pages);
        pages.MapFallback(() =>
        {
            var problem = new Problem(StatusCode.NotFound, "", "found no page at this address; start at /");
            return Page.Of<RefusedPage>(problem, problem);
        });
    }
}
